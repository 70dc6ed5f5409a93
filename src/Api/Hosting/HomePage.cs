using Holdfast.Api.Http.Callers;

namespace Holdfast.Api.Hosting;

/// <summary>What somebody sees who opens the address in a browser.</summary>
public static class HomePage
{
    private const string Html = """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>Holdfast</title>
        <body style="font: 16px/1.5 system-ui; max-width: 40em; margin: 3em auto; padding: 0 1em">
        <h1>Holdfast</h1>
        <p>An order-and-inventory backend that cannot oversell.</p>
        <ul>
        <li><a href="/openapi/v1.json">/openapi/v1.json</a>: what it can do
        <li><a href="/dashboard">/dashboard</a>: what its grains are doing
        <li><a href="/health/ready">/health/ready</a>: whether it is ready
        </ul>
        </body>
        </html>
        """;

    public static void MapHome(this IEndpointRouteBuilder app) =>
        app.MapGet("/", static () => TypedResults.Text(Html, "text/html; charset=utf-8")).ExcludeFromDescription().NeedsCaller();
}
