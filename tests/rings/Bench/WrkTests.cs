using System.Collections.Concurrent;
using Holdfast.Bench.Http;
using Holdfast.Bench.Measuring;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Holdfast.Rings.Bench;

/// <summary>The real wrk with the bench's script against a real Kestrel.</summary>
public sealed class WrkTests : IAsyncLifetime
{
    private const int Connections = 4;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly ConcurrentQueue<(string Sku, string Key, string Body)> _received = [];
    private readonly CancellationTokenSource _limit = new(Limit);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("holdfast-wrk-");
    private readonly WorkDirectory _work;
    private readonly WebApplication _server;

    public WrkTests()
    {
        _work = new(_directory.FullName);
        _server = Build();
    }

    private Uri Url => new(_server.Urls.Single());

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _limit.Dispose();
        _work.Dispose();
        _directory.Delete();
    }

    [WrkFact]
    public async Task Each_request_has_a_key_of_its_own_and_the_next_product_of_the_list()
    {
        var wrk = new Wrk(_work, TimeProvider.System);
        var load = new HttpLoad(HttpRequests.Reservation(Url), ["A", "A", "LONGER"]);
        var answered = 0L;
        for (var run = 0; run < 2; run++)
        {
            var report = await wrk.Run(Url, load, Connections, Second, _limit.Token);
            report.ThrowIfFailed("the server", looked: false);
            answered += report.Accepted;
        }

        await _server.StopAsync(_limit.Token);
        var received = _received.ToArray();
        Assert.InRange(received.Length, answered, answered + (2 * Connections));
        Assert.Equal(received.Length, received.Select(static request => request.Key).Distinct().Count());
        Assert.All(received, static request => Assert.StartsWith("""{"quantity":1,"ttlSeconds":""", request.Body, StringComparison.Ordinal));
        var longer = received.Count(static request => request.Sku == "LONGER");
        Assert.InRange(longer, (received.Length / 3) - (2 * Connections), (received.Length / 3) + (2 * Connections));
    }

    [WrkFact]
    public async Task Answers_are_looked_at_where_something_is_expected_of_them()
    {
        var wrk = new Wrk(_work, TimeProvider.System);
        var orders = new HttpLoad(HttpRequests.Order(Url, waitSeconds: 5), ["A", "LONGER"]) { Expected = HttpRequests.Completed };

        var completed = await wrk.Run(Url, orders, Connections, Second, _limit.Token);
        completed.ThrowIfFailed("the server", looked: true);
        Assert.Equal(completed.Requests, completed.AsExpected);

        var mixed = await wrk.Run(Url, orders with { Skus = ["A", "OPEN"] }, Connections, Second, _limit.Token);
        Assert.InRange(mixed.AsExpected, 1, mixed.Requests - 1);
        Assert.Equal(mixed.Requests, mixed.Accepted);
    }

    [WrkFact]
    public async Task Refusals_are_counted()
    {
        var report = await new Wrk(_work, TimeProvider.System).Run(
            Url, new(HttpRequests.Reservation(Url), ["A", "GONE"]), Connections, Second, _limit.Token);

        Assert.InRange(report.Refused, (report.Requests / 2) - Connections, (report.Requests / 2) + Connections);
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapPost("/v1/products/{sku}/reservations", async (string sku, HttpRequest request) =>
        {
            _received.Enqueue((sku, request.Headers["Idempotency-Key"].ToString(), await new StreamReader(request.Body).ReadToEndAsync()));
            return sku == "GONE" ? Results.Conflict() : Results.Created();
        });
        app.MapPost("/v1/orders", async (HttpRequest request) =>
        {
            Assert.Equal("wait=5", request.Headers["Prefer"].ToString());
            var body = await new StreamReader(request.Body).ReadToEndAsync();
            return Results.Text(body.Contains("\"OPEN\"", StringComparison.Ordinal) ? """{"status":"charging"}""" : """{"status":"completed"}""");
        });
        return app;
    }
}

/// <summary>A fact about wrk. Where it is not installed, it is reported as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class WrkFactAttribute : FactAttribute
{
    public WrkFactAttribute() => Skip = Wrk.IsInstalled ? null : "wrk is not installed: apt install wrk";
}
