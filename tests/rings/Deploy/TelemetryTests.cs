using System.Collections.Concurrent;
using System.Text;
using Holdfast.Rig;
using Holdfast.Tests;
using Holdfast.Tests.Journal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Holdfast.Rings.Deploy;

/// <summary>The real front door beside a collector that takes what the OpenTelemetry protocol sends over HTTP.</summary>
public sealed class TelemetryTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ConcurrentQueue<(string Path, string Body)> _received = new();
    private readonly TempDirectory _directory = new();
    private readonly WebApplication _collector;

    public TelemetryTests()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _collector = builder.Build();
        _collector.MapPost("/v1/{signal}", async (HttpRequest request) =>
        {
            // Protocol buffers hold names as they are; one character a byte keeps all else.
            using var reader = new StreamReader(request.Body, Encoding.Latin1);
            _received.Enqueue((request.Path, await reader.ReadToEndAsync()));
        });
    }

    public Task InitializeAsync() => _collector.StartAsync();

    public async Task DisposeAsync()
    {
        await _collector.DisposeAsync();
        _directory.Dispose();
    }

    [ProcessFact]
    public async Task A_collector_hears_of_requests_grains_and_the_journal()
    {
        await using var server = HoldfastProcess.Start(
            new("front-door", HoldfastProcess.FrontDoor, new($"http://127.0.0.1:{LoopbackPorts.Next()}"))
            {
                Settings = new Dictionary<string, string>
                {
                    ["Holdfast:DataDirectory"] = _directory.Path,
                    ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _collector.Urls.Single(),
                    ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                    ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
                    ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
                },
            },
            TimeProvider.System);
        await server.WaitUntilReady(Patience);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server.Url };
        using var answer = await client.PutAsync(
            "/v1/products/TRACED", new StringContent("""{"name":"Traced","unitPrice":{"amount":1,"currency":"EUR"}}""", Encoding.UTF8, "application/json"));
        Assert.True(answer.IsSuccessStatusCode);

        await Hears("/v1/traces", "/v1/products/{sku}");
        await Hears("/v1/metrics", "http.server.request.duration");
        await Hears("/v1/metrics", "holdfast.journal.appends");
        await Hears("/v1/metrics", "orleans-");
    }

    private Task Hears(string path, string name) => Eventually.True(
        () => _received.Any(message => message.Path == path && message.Body.Contains(name, StringComparison.Ordinal)),
        () => $"{path} should have brought {name}, but {_received.Count} messages do not have it");
}
