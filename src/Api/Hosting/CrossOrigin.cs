using Holdfast.Silo.Settings;

namespace Holdfast.Api.Hosting;

/// <summary>Which pages of other sites may call this server from a browser (CORS): none, unless a setting lists their origins.</summary>
internal static class CrossOrigin
{
    public static void AddCrossOrigin(this WebApplicationBuilder builder, HoldfastSettings settings)
    {
        if (settings.Options.AllowedOrigins is not { } origins) return;
        // No cookie and no certificate is ever looked at, so that a page may read every header, and none of them is listed here.
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins(origins.Split(';'))
            .WithMethods("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
            .AllowAnyHeader()
            .WithExposedHeaders("*")
            .SetPreflightMaxAge(TimeSpan.FromMinutes(10))));
    }

    public static void UseCrossOrigin(this WebApplication app, HoldfastSettings settings)
    {
        if (settings.Options.AllowedOrigins is not null) app.UseCors();
    }
}
