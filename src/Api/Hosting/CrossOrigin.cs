using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Requests;
using Holdfast.Api.Orders;
using Holdfast.Silo.Settings;
using Microsoft.Net.Http.Headers;

namespace Holdfast.Api.Hosting;

/// <summary>Which pages of other sites may call this server from a browser (CORS): none, unless a setting lists their origins.</summary>
internal static class CrossOrigin
{
    /// <summary>What a page may read of an answer besides its body.</summary>
    private static readonly string[] Exposed =
    [
        HeaderNames.ETag, HeaderNames.Location, HeaderNames.RetryAfter, HeaderNames.Allow, RequestIds.Header, IdempotencyKey.ReplayedHeader,
        OrderEndpoints.StatusHeader,
        "Preference-Applied", "Accept-Patch",
    ];

    public static void AddCrossOrigin(this WebApplicationBuilder builder, HoldfastSettings settings)
    {
        if (settings.Options.AllowedOrigins is not { } origins) return;
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins(origins.Split(';'))
            .WithMethods("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
            .AllowAnyHeader()
            .WithExposedHeaders(Exposed)
            .SetPreflightMaxAge(TimeSpan.FromMinutes(10))));
    }

    public static void UseCrossOrigin(this WebApplication app, HoldfastSettings settings)
    {
        if (settings.Options.AllowedOrigins is not null) app.UseCors();
    }
}
