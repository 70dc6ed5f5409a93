using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Holdfast.Contracts;

namespace Holdfast.Bench.Http;

/// <param name="OnHand">Units on the shelves.</param>
/// <param name="Reserved">Units of these that are held for somebody.</param>
internal readonly record struct StockSum(long OnHand, long Reserved);

/// <summary>A server that takes Holdfast's requests for products and reservations, with a connection for each caller.</summary>
internal sealed class HttpShop : IDisposable
{
    /// <summary>Bytes of a request, head and body.</summary>
    private const int MaxRequest = 4 * 1024;

    private const int Ok = 200;
    private const int Overloaded = 503;
    private const int MaxTries = 300;

    /// <summary>Before a request is sent again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly string _host;
    private readonly HttpConnections _connections;

    private HttpShop(string host, HttpConnections connections) => (_host, _connections) = (host, connections);

    /// <exception cref="BenchException">Nobody listens there.</exception>
    public static async Task<HttpShop> Open(Uri server, int callers, CancellationToken cancellationToken) =>
        new(server.Authority, await HttpConnections.Open(server, callers, cancellationToken));

    /// <summary>Makes products with all the stock that there can be, a few at a time.</summary>
    public Task Create(IReadOnlyList<string> skus, CancellationToken cancellationToken) =>
        ForEach(skus, (caller, sku) => Create(caller, sku, cancellationToken), cancellationToken);

    /// <summary>The stock of all products together.</summary>
    /// <exception cref="BenchException">One is not there, or more of it is promised than there is.</exception>
    public async Task<StockSum> Sum(IReadOnlyList<string> skus, CancellationToken cancellationToken)
    {
        var (onHand, reserved) = (0L, 0L);
        await ForEach(skus, AddUp, cancellationToken);
        return new(onHand, reserved);

        async Task AddUp(int caller, string sku)
        {
            var path = $"/v1/products/{sku}/stock";
            var reply = await Begin(caller, "GET", path, Guid.NewGuid(), "");
            if (reply.Status != Ok) throw Unexpected("GET", path, reply);
            using var stock = JsonDocument.Parse(reply.Body);
            var (held, there) = (stock.RootElement.GetProperty("reserved").GetInt64(), stock.RootElement.GetProperty("onHand").GetInt64());
            if (held > there) throw new BenchException($"Of {sku} {there} are there, and {held} are promised.");
            Interlocked.Add(ref onHand, there);
            Interlocked.Add(ref reserved, held);
        }
    }

    public int Callers => _connections.Count;

    /// <summary>Whether an order has come to one of its ends.</summary>
    public async ValueTask<bool> HasEnded(int caller, string order)
    {
        var reply = await Begin(caller, "GET", $"/v1/orders/{order}", Guid.NewGuid(), "");
        return reply.Body.Span.IndexOf("\"status\":\"completed\""u8) >= 0 || reply.Body.Span.IndexOf("\"status\":\"cancelled\""u8) >= 0;
    }

    /// <summary>An order of one unit.</summary>
    /// <param name="caller">Whose connection: one request at a time.</param>
    /// <param name="waitSeconds">How long its end is waited for; null for not at all.</param>
    /// <returns>The answer, whatever it is; its body until the caller's next request.</returns>
    public ValueTask<HttpReply> Order(int caller, string sku, int? waitSeconds)
    {
        var body = $$"""{"customerId":"customer-1","lines":[{"sku":"{{sku}}","quantity":1}],"paymentToken":"tok_ok"}""";
        var prefer = waitSeconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"Prefer: wait={seconds}\r\n") : "";
        return Begin(caller, "POST", "/v1/orders", Guid.NewGuid(), body, prefer);
    }

    /// <summary>An order of one unit, held back until it has ended; the status of the answer.</summary>
    public async ValueTask<int> Order(int caller, string sku)
    {
        var body = $$"""{"customerId":"customer-{{caller}}","lines":[{"sku":"{{sku}}","quantity":1}],"paymentToken":"tok_ok"}""";
        return (await Begin(caller, "POST", "/v1/orders", Guid.NewGuid(), body, "Prefer: wait=10\r\n")).Status;
    }

    /// <summary>The status of the answer.</summary>
    public async ValueTask<int> Get(int caller, string path) => (await Begin(caller, "GET", path, Guid.NewGuid(), "")).Status;

    public void Dispose() => _connections.Dispose();

    private Task ForEach(IReadOnlyList<string> skus, Func<int, string, Task> ask, CancellationToken cancellationToken)
    {
        var next = -1;
        return Task.WhenAll(Enumerable.Range(0, _connections.Count).Select(async caller =>
        {
            while (Interlocked.Increment(ref next) is var number && number < skus.Count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await ask(caller, skus[number]);
            }
        }));
    }

    private async Task Create(int caller, string sku, CancellationToken cancellationToken)
    {
        var stock = string.Create(CultureInfo.InvariantCulture, $$"""{"delta":{{Limits.Quantity}},"reason":"received"}""");
        await SendUntilTaken(caller, "PUT", $"/v1/products/{sku}", """{"name":"A product","unitPrice":{"amount":1250,"currency":"EUR"}}""", cancellationToken);
        await SendUntilTaken(caller, "POST", $"/v1/products/{sku}/adjustments", stock, cancellationToken);
    }

    /// <summary>Of a million products a server with little memory asks to have some later.</summary>
    private async Task SendUntilTaken(int caller, string method, string path, string body, CancellationToken cancellationToken)
    {
        var key = Guid.NewGuid();
        for (var tries = 1; ; tries++)
        {
            var reply = await Begin(caller, method, path, key, body);
            if (reply.Status is >= 200 and < 300) return;
            if (reply.Status != Overloaded || tries == MaxTries) throw Unexpected(method, path, reply);
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    private static BenchException Unexpected(string method, string path, HttpReply reply) =>
        new($"{method} {path} was answered {reply.Status} {Encoding.UTF8.GetString(reply.Body.Span)}: the figures would mean nothing.");

    private ValueTask<HttpReply> Begin(int caller, string method, string path, Guid key, string body, string headers = "")
    {
        Span<byte> request = stackalloc byte[MaxRequest];
        if (!Utf8.TryWrite(
            request,
            CultureInfo.InvariantCulture,
            $"{method} {path} HTTP/1.1\r\nHost: {_host}\r\nIdempotency-Key: {key}\r\n{headers}Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}",
            out var length))
        {
            throw new BenchException($"A request for {path} is longer than {MaxRequest} bytes.");
        }

        return _connections.Send(caller, request[..length]);
    }
}
