using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Holdfast.Bench.Replay;

namespace Holdfast.Tests.Bench.Replay;

/// <summary>
/// A server in memory that keeps the contract and, now and then, answers "again", breaks the connection before it did anything,
/// or after it did everything.
/// </summary>
internal sealed class FakeHoldfast(int seed, double faultShare) : HttpMessageHandler
{
    private const int PageSize = 3;

    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, List<MovementAnswer>> _ledgers = [];
    private readonly Dictionary<string, long> _prices = [];
    private readonly Dictionary<string, (string Body, string Answer)> _receipts = [];
    private readonly Dictionary<string, OrderAnswer> _orders = [];
    private readonly List<ChargeAnswer> _charges = [];
    private int _faults;

    public int Faults => Volatile.Read(ref _faults);

    /// <summary>Charges every completed order twice.</summary>
    public bool ChargesTwice { get; init; }

    /// <summary>Answers nothing any more.</summary>
    public bool Down { get; set; }

    public int Orders
    {
        get
        {
            lock (_lock)
                return _orders.Count;
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        lock (_lock)
        {
            var fault = Down ? 0 : _random.NextDouble() < faultShare ? _random.Next(3) : -1;
            if (fault >= 0)
                _faults++;
            if (fault == 0)
                throw new HttpRequestException("connection refused");
            if (fault == 1)
                return Answer(HttpStatusCode.ServiceUnavailable, """{"code":"overloaded","retryable":true}""");
            var answer = Handle(request, body);
            return fault == 2 ? throw new HttpRequestException("connection reset") : answer;
        }
    }

    private HttpResponseMessage Handle(HttpRequestMessage request, string body)
    {
        var path = request.RequestUri!.AbsolutePath.Trim('/').Split('/').Select(Uri.UnescapeDataString).ToArray();
        var after = long.Parse(System.Web.HttpUtility.ParseQueryString(request.RequestUri.Query)["cursor"] ?? "0", null);
        return (request.Method.Method, path) switch
        {
            ("GET", ["health", _]) => Answer(HttpStatusCode.OK, "{}"),
            ("PUT", ["v1", "products", var sku]) => Put(sku, body),
            ("POST", ["v1", "products", var sku, "adjustments"]) => Once(request, body, _ => Adjust(sku, body)),
            ("POST", ["v1", "adjustments"]) => Answer(AdjustMany(request, body)),
            ("POST", ["v1", "counters", _, "increments"]) => Once(request, body, _ => new object()),
            ("GET", ["v1", "products", var sku, "stock"]) => Answer(new StockAnswer(sku, OnHand(sku), 0, OnHand(sku))),
            ("GET", ["v1", "products", var sku, "movements"]) => Page(_ledgers[sku], m => m.Version, after),
            ("POST", ["v1", "orders"]) => Once(request, body, key => Place("ord_" + key.Replace('/', '_'), body)),
            ("GET", ["v1", "orders"]) => Page(Numbered(_orders.Values), static o => o.Number, static o => o.Item, after),
            ("GET", ["v1", "movements"]) => Page(Numbered(Moved()), static m => m.Number, static m => m.Item, after),
            ("GET", ["v1", "orders", var id]) => Order(id),
            ("GET", ["v1", "sandbox", "charges"]) => Page(_charges, c => c.Number, after),
            _ => Answer(HttpStatusCode.NotFound, """{"code":"not_found"}"""),
        };
    }

    private HttpResponseMessage Once(HttpRequestMessage request, string body, Func<string, object> act)
    {
        var key = request.Headers.GetValues("Idempotency-Key").Single();
        var scope = request.RequestUri!.AbsolutePath + " " + key;
        if (!_receipts.TryGetValue(scope, out var receipt))
        {
            _receipts[scope] = (body, JsonSerializer.Serialize(act(key), JsonSerializerOptions.Web));
            return Answer(HttpStatusCode.Created, _receipts[scope].Answer);
        }

        if (receipt.Body != body)
            return Answer(HttpStatusCode.UnprocessableEntity, """{"code":"idempotency_key_reused"}""");
        var answer = Answer(HttpStatusCode.Created, receipt.Answer);
        answer.Headers.Add("Idempotent-Replayed", "true");
        return answer;
    }

    private HttpResponseMessage Put(string sku, string body)
    {
        _ledgers.TryAdd(sku, []);
        _prices[sku] = JsonNode.Parse(body)!["unitPrice"]!["amount"]!.GetValue<long>();
        return Answer(HttpStatusCode.OK, "{}");
    }

    private AdjustmentAnswer Adjust(string sku, string body)
    {
        Move(sku, "adjusted", JsonNode.Parse(body)!["delta"]!.GetValue<long>());
        return new AdjustmentAnswer(OnHand(sku));
    }

    /// <summary>Each item once, under the request's key and its place; now and then one has no answer, made or not.</summary>
    private BulkAnswer AdjustMany(HttpRequestMessage request, string body)
    {
        var key = request.Headers.GetValues("Idempotency-Key").Single();
        var results = JsonSerializer.Deserialize<BulkBody>(body, JsonSerializerOptions.Web)!.Items.Select((item, place) =>
        {
            var again = new BulkResult(item.Sku, 503, Problem: new ProblemAnswer("unavailable", Retryable: true));
            if (_random.NextDouble() < faultShare) return again;
            var (scope, asked) = ($"{item.Sku} {key} {place}", JsonSerializer.Serialize(item));
            if (!_receipts.TryGetValue(scope, out var receipt))
            {
                Move(item.Sku, "adjusted", item.Delta);
                _receipts[scope] = receipt = (asked, JsonSerializer.Serialize(new AdjustmentAnswer(OnHand(item.Sku))));
            }

            if (receipt.Body != asked) return new BulkResult(item.Sku, 422, Problem: new ProblemAnswer("idempotency_key_reused"));
            return _random.NextDouble() < faultShare
                ? again
                : new BulkResult(item.Sku, 201, JsonSerializer.Deserialize<AdjustmentAnswer>(receipt.Answer));
        });
        return new BulkAnswer([.. results]);
    }

    /// <summary>Decides at once, but answers that it is still at it; the order's end is seen by who asks again.</summary>
    private OrderAnswer Place(string id, string body)
    {
        var order = JsonSerializer.Deserialize<OrderBody>(body, JsonSerializerOptions.Web)!;
        var lines = order.Lines.Select(l => new OrderAnswerLine(l.Sku, l.Quantity, new Money(_prices[l.Sku], "GBP"))).ToArray();
        var placed = new OrderAnswer(id, "reserving", lines, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddMilliseconds(3));
        var shortfalls = lines.Where(l => OnHand(l.Sku) < l.Quantity).Select(l => new ShortfallAnswer(l.Sku, l.Quantity, OnHand(l.Sku))).ToArray();
        _orders[id] = shortfalls.Length > 0
            ? placed with { Status = "cancelled", Reason = "insufficient_stock", Shortfalls = shortfalls }
            : Sell(placed);
        return _orders.Count % 2 == 0 ? placed : _orders[id];
    }

    private OrderAnswer Sell(OrderAnswer placed)
    {
        foreach (var line in placed.Lines)
            Move(line.Sku, "sold", -line.Quantity);
        var total = new Money(placed.Lines.Sum(l => l.Quantity * l.UnitPrice!.Amount), "GBP");
        for (var i = 0; i < (ChargesTwice ? 2 : 1); i++)
            _charges.Add(new ChargeAnswer(_charges.Count + 1, placed.Id, total, "captured", 0));
        return placed with { Status = "completed", Total = total };
    }

    private HttpResponseMessage Order(string id) => _orders.TryGetValue(id, out var order)
        ? Answer(order)
        : Answer(HttpStatusCode.NotFound, """{"code":"order_not_found"}""");

    private long OnHand(string sku) => _ledgers[sku].LastOrDefault()?.OnHand ?? 0;

    private void Move(string sku, string kind, long delta) =>
        _ledgers[sku].Add(new MovementAnswer(_ledgers[sku].Count + 1, kind, delta, OnHand(sku) + delta));

    private IEnumerable<SkuMovement> Moved() =>
        _ledgers.SelectMany(static each => each.Value.Select(line => new SkuMovement(each.Key, line.Delta)));

    private static List<(long Number, T Item)> Numbered<T>(IEnumerable<T> items) => [.. items.Select(static (item, i) => (i + 1L, item))];

    private static HttpResponseMessage Page<T>(List<T> items, Func<T, long> number, long after) =>
        Page(items, number, static item => item, after);

    private static HttpResponseMessage Page<T, TItem>(List<T> items, Func<T, long> number, Func<T, TItem> item, long after)
    {
        var page = items.Where(item => number(item) > after).Take(PageSize).ToArray();
        long? next = page.Length == PageSize ? number(page[^1]) : null;
        return Answer(new Dictionary<string, object?> { ["items"] = Array.ConvertAll(page, each => item(each)), ["next"] = next });
    }

    private static HttpResponseMessage Answer(object body) => Answer(HttpStatusCode.OK, JsonSerializer.Serialize(body, JsonSerializerOptions.Web));

    private static HttpResponseMessage Answer(HttpStatusCode status, string body) =>
        new(status) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
}
