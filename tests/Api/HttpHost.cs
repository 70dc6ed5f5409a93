using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Holdfast.Api;
using Holdfast.Contracts.Callers;
using Holdfast.Journal;
using Holdfast.Tests.Api.Http.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Holdfast.Tests.Api;

/// <summary>The whole program in this process: a real server on a free loopback port, with its data in a directory of its own.</summary>
public sealed class HttpHost : IAsyncLifetime
{
    /// <summary>Sends what it is given and nothing else, and goes nowhere by itself.</summary>
    private static readonly HttpClient Strangers = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    private static int s_names;

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("holdfast-http-");
    private WebApplication? _app;

    public HttpClient Client { get; private set; } = null!;

    /// <summary>No key is made at the start: whoever is on this machine is let in.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Settings besides those that all have.</summary>
    public string[] More { get; init; } = [];

    /// <summary>Hears what is logged.</summary>
    public ILoggerProvider? Logs { get; init; }

    /// <summary>Stands in front of the store.</summary>
    public Func<IJournalStore, IJournalStore>? Store { get; init; }

    /// <summary>With every scope.</summary>
    public string Key { get; private set; } = "";

    public string DataDirectory => _data.FullName;

    public IServiceProvider Services => _app!.Services;

    public async Task InitializeAsync()
    {
        _app = HoldfastApi.Build(
        [
            "--urls", "http://127.0.0.1:0",
            "--Holdfast:DataDirectory", _data.FullName,
            "--Holdfast:SiloPort", "0",
            "--Holdfast:GatewayPort", "0",
            "--Holdfast:AllowedOrigins", "https://shop.example;http://localhost:3000",

            // Races are run as fast as the machine can: all of them come from one caller.
            "--Holdfast:Limits:ReadsPerSecond", "1000000",
            "--Holdfast:Limits:WritesPerSecond", "1000000",
            "--Holdfast:Limits:AddressPerSecond", "1000000",
            "--Holdfast:Limits:RefusedPerSecond", "1000000",

            // A bank that keeps silent does so for a shorter time than in a shop: nobody waits half a minute for a test.
            "--Holdfast:Orders:ChargeSendWindow", "00:00:02",
            "--Holdfast:Orders:GatewayTimeout", "00:00:04",
            "--Holdfast:Orders:ChargeTravelTime", "00:00:01",
            "--Holdfast:Sandbox:TimeoutAnswer", "00:00:08",
            .. More,
        ],
        services =>
        {
            if (Store is not null) services.Decorate(Store);
        });
        if (Logs is not null) Services.GetRequiredService<ILoggerFactory>().AddProvider(Logs);
        await _app.StartAsync();
        Client = new HttpClient(new CheckedExchanges(new SocketsHttpHandler()))
        {
            BaseAddress = new Uri(_app.Urls.First()),
            Timeout = TimeSpan.FromMinutes(2),
        };
        if (IsOpen) return;
        Key = await MakeKey("tests", Scopes.All);
        Client.DefaultRequestHeaders.Authorization = new("Bearer", Key);
    }

    public async Task DisposeAsync()
    {
        Client?.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        _data.Delete(recursive: true);
    }

    /// <summary>A name that no other test uses.</summary>
    public static string Name(string kind) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{Interlocked.Increment(ref s_names)}");

    /// <summary>Makes a key, and returns its text.</summary>
    public async Task<string> MakeKey(string name, IEnumerable<string> scopes)
    {
        var list = string.Join(',', scopes.Select(static scope => $"\"{scope}\""));
        return (await Post("/v1/keys", $$"""{"name":"{{name}}","scopes":[{{list}}]}""")).Is(201).Text("key")!;
    }

    public Task<Answer> Get(string path, params (string Name, string Value)[] headers) => Send(HttpMethod.Get, path, null, headers);

    public Task<Answer> Put(string path, string json, params (string Name, string Value)[] headers) => Send(HttpMethod.Put, path, json, headers);

    public Task<Answer> Patch(string path, string json, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Patch, path, json, headers, "application/merge-patch+json");

    public Task<Answer> Delete(string path, params (string Name, string Value)[] headers) => Send(HttpMethod.Delete, path, null, headers);

    /// <param name="key">The idempotency key; a new one when left out.</param>
    public Task<Answer> Post(string path, string? json, string? key = null, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Post, path, json, [("Idempotency-Key", key ?? Guid.NewGuid().ToString()), .. headers]);

    /// <summary>Sent by nobody, or by who has this key or token.</summary>
    public async Task<Answer> As(
        string? bearer, HttpMethod method, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(Client.BaseAddress!, path));
        var mediaType = method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json";
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(mediaType));
        if (bearer is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {bearer}");
        if (method == HttpMethod.Post && !headers.Any(static header => header.Name == "Idempotency-Key"))
            request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Strangers.SendAsync(request);
        return await Answer.Read(response);
    }

    public async Task<Answer> Send(
        HttpMethod method, string path, string? body, (string Name, string Value)[] headers, string mediaType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(mediaType));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Client.SendAsync(request);
        return await Answer.Read(response);
    }

    /// <summary>Creates a product with stock; returns its SKU.</summary>
    public async Task<string> Product(long onHand, long price = 100, string currency = "EUR")
    {
        var sku = Name("SKU");
        (await Put($"/v1/products/{sku}", $$$"""{"name":"{{{sku}}}","unitPrice":{"amount":{{{price}}},"currency":"{{{currency}}}"}}""")).Is(201);
        if (onHand > 0) (await Post($"/v1/products/{sku}/adjustments", $$"""{"delta":{{onHand}},"reason":"received"}""")).Is(201);
        return sku;
    }

    public Task<Answer> Order(string token, params (string Sku, long Quantity)[] lines) =>
        Post("/v1/orders", OrderBody(token, lines), null, ("Prefer", "wait=30"));

    public static string OrderBody(string token, params (string Sku, long Quantity)[] lines)
    {
        var body = string.Join(',', lines.Select(line => $$"""{"sku":"{{line.Sku}}","quantity":{{line.Quantity}}}"""));
        return $$"""{"customerId":"c-1","paymentToken":"{{token}}","lines":[{{body}}]}""";
    }
}

/// <summary>One server for all HTTP tests.</summary>
[CollectionDefinition(Name)]
public sealed class HttpRing : ICollectionFixture<HttpHost>
{
    public const string Name = "http";
}
