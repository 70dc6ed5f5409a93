using Holdfast.Silo.Settings;

namespace Holdfast.Api.Hosting;

/// <summary>Says on start where the server is, where its data are, and what to try next.</summary>
public static class Greeting
{
    /// <param name="callers">Who is let in.</param>
    public static void UseGreeting(
        this WebApplication app, string callers, TextWriter output) => app.Lifetime.ApplicationStarted.Register(() =>
    {
        var address = app.Urls.FirstOrDefault() ?? FrontDoorDefaults.Url;
        output.WriteLine($"""

            Holdfast is listening on {string.Join(" and ", app.Urls)}
            Data in   {Data(app.Services.GetRequiredService<HoldfastSettings>())}
            Callers   {callers}
            API       {address}/openapi/v1.json
            Dashboard {address}/dashboard

            Try:
              curl -X PUT {address}/v1/products/TEAPOT -H 'Content-Type: application/json' \
                   -d '{"{"}"name":"Teapot","unitPrice":{"{"}"amount":1999,"currency":"EUR"{"}"}{"}"}'
              curl {address}/v1/products/TEAPOT/stock

            Stop it with Ctrl+C.

            """);
    });

    private static string Data(HoldfastSettings settings) => settings.ConnectionString is null
        ? Path.GetFullPath(settings.Options.DataDirectory)
        : "PostgreSQL (ConnectionStrings:Holdfast)";
}
