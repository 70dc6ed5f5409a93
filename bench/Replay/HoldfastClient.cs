using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Holdfast.Bench.Replay;

/// <summary>
/// Holdfast over HTTP. A request that got no answer, or one that says "again", is repeated under the same idempotency key, at the
/// next front door if there are several, until nothing at all was answered for the whole of <paramref name="patience"/>.
/// </summary>
/// <param name="seed">Of the jitter between retries.</param>
public sealed class HoldfastClient(HttpClient http, FrontDoors doors, TimeProvider time, TimeSpan patience, int seed)
{
    private const int PageSize = 200;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>What an answer may take on top of the time that the server was asked to wait.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);

    private readonly Sender _sender = new(http, doors, time, patience, seed);

    /// <summary>What came back, repeats included.</summary>
    public AnswerCounts Answers => _sender.Answers;

    /// <summary>Requests sent again.</summary>
    public long Retries => _sender.Retries;

    /// <summary>Answers that the server had given before (<c>Idempotent-Replayed: true</c>).</summary>
    public long Replayed => _sender.Replayed;

    /// <summary>An HTTP client with a connection for each of <paramref name="connections"/> callers.</summary>
    public static HttpClient Connect(int connections, TimeSpan wait) =>
        new(new SocketsHttpHandler { MaxConnectionsPerServer = connections, ConnectTimeout = ConnectTimeout }) { Timeout = wait + AnswerTimeout };

    /// <exception cref="BenchException">Nothing listens there.</exception>
    public async Task Ping(CancellationToken cancellationToken)
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                using var answer = await http.GetAsync(doors.Address(doors.Next(), "health/live"), cancellationToken);
                return;
            }
            catch (Exception e) when (Sender.IsNoAnswer(e, cancellationToken))
            {
                if (tried < doors.Count) continue;
                throw new BenchException(
                    $"No server answers at {doors}: start one with 'dotnet run -c Release --project src/Api', or name another with --url.", e);
            }
        }
    }

    public async Task PutProduct(string sku, ProductBody product, CancellationToken cancellationToken)
    {
        using var answer = await _sender.Answered(
            () => Request(HttpMethod.Put, Product(sku), product, WireJson.Default.ProductBody), cancellationToken);
        await Sender.Accept(answer, cancellationToken);
    }

    public async Task<AdjustmentAnswer> Adjust(string sku, string key, AdjustmentBody adjustment, CancellationToken cancellationToken)
    {
        using var answer = await _sender.Answered(
            () => WithKey(Request(HttpMethod.Post, Product(sku) + "/adjustments", adjustment, WireJson.Default.AdjustmentBody), key),
            cancellationToken);
        return await Sender.Read(answer, WireJson.Default.AdjustmentAnswer, cancellationToken);
    }

    /// <summary>What became of each of them; those that have no answer yet are asked for again, under the same key.</summary>
    public async Task<IReadOnlyList<BulkResult>> AdjustMany(string key, IReadOnlyList<BulkItem> items, CancellationToken cancellationToken)
    {
        var (began, left) = (time.GetTimestamp(), items.Count);
        for (var attempt = 0; ; attempt++)
        {
            using var answer = await _sender.Answered(
                () => WithKey(Request(HttpMethod.Post, "v1/adjustments", new(items), WireJson.Default.BulkBody), key), cancellationToken);
            var results = (await Sender.Read(answer, WireJson.Default.BulkAnswer, cancellationToken)).Items;
            var unanswered = results.Count(static result => result.Problem is { Retryable: true });
            if (unanswered == 0) return results;
            if (unanswered < left) (began, left) = (time.GetTimestamp(), unanswered);
            if (time.GetElapsedTime(began) > patience)
                throw new BenchException($"{doors} has taken none of {left} adjustments for {patience}.");
            await _sender.PauseBeforeRetry(attempt, cancellationToken);
        }
    }

    public async Task PutCounter(string name, int shards, CancellationToken cancellationToken)
    {
        using var answer = await _sender.Answered(
            () => Request(HttpMethod.Put, "v1/counters/" + Uri.EscapeDataString(name), new(shards), WireJson.Default.ShardsBody),
            cancellationToken);
        await Sender.Accept(answer, cancellationToken);
    }

    public async Task Increment(string counter, string key, long delta, CancellationToken cancellationToken)
    {
        using var answer = await _sender.Answered(
            () => WithKey(
                Request(
                    HttpMethod.Post, $"v1/counters/{Uri.EscapeDataString(counter)}/increments", new(delta), WireJson.Default.IncrementBody),
                key),
            cancellationToken);
        await Sender.Accept(answer, cancellationToken);
    }

    /// <summary>The order as it is when it ends, or after <paramref name="wait"/>.</summary>
    public async Task<OrderAnswer> PlaceOrder(string key, OrderBody order, TimeSpan wait, CancellationToken cancellationToken)
    {
        using var answer = await _sender.Answered(Place, cancellationToken);
        return await Sender.Read(answer, WireJson.Default.OrderAnswer, cancellationToken);

        HttpRequestMessage Place()
        {
            var request = WithKey(Request(HttpMethod.Post, "v1/orders", order, WireJson.Default.OrderBody), key);
            request.Headers.Add("Prefer", string.Create(CultureInfo.InvariantCulture, $"wait={(int)wait.TotalSeconds}"));
            return request;
        }
    }

    /// <summary>The order, or null when the server knows none of that id.</summary>
    public async Task<OrderAnswer?> FindOrder(string id, CancellationToken cancellationToken)
    {
        using var answer = await _sender.Answered(
            () => new HttpRequestMessage(HttpMethod.Get, "v1/orders/" + Uri.EscapeDataString(id)), cancellationToken);
        return answer.StatusCode == HttpStatusCode.NotFound
            ? null
            : await Sender.Read(answer, WireJson.Default.OrderAnswer, cancellationToken);
    }

    public Task<StockAnswer> ReadStock(string sku, CancellationToken cancellationToken) =>
        Get(Product(sku) + "/stock", WireJson.Default.StockAnswer, cancellationToken);

    /// <summary>Every line of a product's ledger, oldest first.</summary>
    public Task<IReadOnlyList<MovementAnswer>> ReadMovements(string sku, CancellationToken cancellationToken) =>
        ReadPages(
            Product(sku) + "/movements?order=asc&", WireJson.Default.MovementPage, page => (page.Items, page.Next), cancellationToken);

    public async Task<long> ReadCounter(string name, CancellationToken cancellationToken) =>
        (await Get("v1/counters/" + Uri.EscapeDataString(name), WireJson.Default.CounterAnswer, cancellationToken, newest: true)).Value;

    /// <summary>Every charge that the sandbox gateway has answered.</summary>
    public Task<IReadOnlyList<ChargeAnswer>> ReadCharges(CancellationToken cancellationToken) =>
        ReadPages("v1/sandbox/charges?", WireJson.Default.ChargePage, page => (page.Items, page.Next), cancellationToken);

    /// <summary>Everything of a list.</summary>
    /// <param name="newest">Past everything that is committed.</param>
    internal async Task<IReadOnlyList<TItem>> ReadPages<TPage, TItem>(
        string path,
        JsonTypeInfo<TPage> type,
        Func<TPage, (IReadOnlyList<TItem> Items, JsonElement? Next)> open,
        CancellationToken cancellationToken,
        bool newest = false)
    {
        var items = new List<TItem>();
        string? after = null;
        do
        {
            var cursor = after is null ? "" : "&cursor=" + Uri.EscapeDataString(after);
            var page = open(
                await Get(string.Create(CultureInfo.InvariantCulture, $"{path}limit={PageSize}{cursor}"), type, cancellationToken, newest));
            items.AddRange(page.Items);
            var next = page.Next?.ToString();
            // A cursor that stands still would read the same page for ever.
            if (next is not null && next == after)
                throw new RefusedException(HttpStatusCode.OK, "cursor_stands_still", $"{path} gave the page after {after} as the next one again");
            after = next;
        }
        while (after is not null);
        return items;
    }

    private async Task<T> Get<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken, bool newest = false)
    {
        using var answer = await _sender.Answered(
            () =>
            {
                var request = new HttpRequestMessage(HttpMethod.Get, path);
                if (newest) request.Headers.CacheControl = new() { NoCache = true };
                return request;
            },
            cancellationToken);
        return await Sender.Read(answer, type, cancellationToken);
    }

    private static string Product(string sku) => "v1/products/" + Uri.EscapeDataString(sku);

    private static HttpRequestMessage Request<T>(HttpMethod method, string path, T body, JsonTypeInfo<T> type) =>
        new(method, path) { Content = JsonContent.Create(body, type, new MediaTypeHeaderValue("application/json")) };

    private static HttpRequestMessage WithKey(HttpRequestMessage request, string key)
    {
        request.Headers.Add("Idempotency-Key", key);
        return request;
    }
}
