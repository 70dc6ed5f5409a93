using System.Text.Json;

namespace Holdfast.Tests.Api.Http.Fences;

/// <summary>A fence over HTTP: on every route that changes what an owner has, and on no other.</summary>
[Collection(HttpRing.Name)]
public sealed class FenceHeaderTests(HttpHost http) : EveryRoute(http)
{
    private const string Header = "Holdfast-Fence";

    private readonly string _lease = HttpHost.Name("lease");

    private static readonly string[] Without = ["/v1/leases/", "/v1/keys", "/v1/adjustments", "/v1/sandbox"];

    [Fact]
    public async Task Every_change_of_what_an_owner_has_looks_at_a_fence_and_nothing_else_takes_one()
    {
        var fence = (Header, await Term());
        Assert.InRange(Operations.Count(static operation => operation.Takes(Header)), 20, 100);
        foreach (var operation in Operations)
        {
            var changes = operation.Method != HttpMethod.Get && operation.Path != "/v1/orders"
                && !Array.Exists(Without, operation.Path.StartsWith);
            Assert.Equal((operation.Path, changes), (operation.Path, operation.Takes(Header)));
            if (!changes) (await Send(operation, headers: [fence])).IsProblem(400, "fence_unsupported").Blames(Header);
        }
    }

    [Fact]
    public async Task What_is_no_fence_is_refused_wherever_one_is_looked_at()
    {
        var token = (await Term()).Split('=')[1];
        var invented = token[..^1] + (token[^1] == '0' ? '1' : '0');
        foreach (var operation in Operations.Where(static operation => operation.Takes(Header)))
        {
            foreach (var malformed in (string[])
                ["", "x", $"{_lease}", $"={token}", $"{_lease}={token}x", $"%20={token}", $"{_lease}:{token}", $"a={_lease}={token}"])
                (await Send(operation, headers: [(Header, malformed)])).IsBad(400, Header);
            (await Send(operation, headers: [(Header, $"{_lease}={token}"), (Header, $"{_lease}={token}")])).IsBad(400, Header);
            (await Send(operation, headers: [(Header, $"{_lease}={invented}")])).IsProblem(400, "lease_token_invalid");
            (await Send(operation, headers: [(Header, $"other={token}")])).IsProblem(400, "lease_token_invalid");
        }
    }

    [Theory]
    [InlineData("PUT", "/v1/products/{sku}", """{"name":"x","unitPrice":{"amount":1,"currency":"EUR"}}""")]
    [InlineData("PATCH", "/v1/products/{sku}", """{"reference":"x"}""")]
    [InlineData("PUT", "/v1/products/{sku}/stock", """{"onHand":9,"reason":"inventory"}""")]
    [InlineData("POST", "/v1/products/{sku}/adjustments", """{"delta":1,"reason":"received"}""")]
    [InlineData("POST", "/v1/products/{sku}/reservations", """{"quantity":1}""")]
    [InlineData("POST", "/v1/products/{sku}/reservations/{id}/extend", """{"ttlSeconds":60}""")]
    [InlineData("POST", "/v1/products/{sku}/reservations/{id}/commit", """{"quantity":1}""")]
    [InlineData("POST", "/v1/products/{sku}/reservations/{id}/release", null)]
    [InlineData("PATCH", "/v1/orders/{id}", """{"reference":"x"}""")]
    [InlineData("DELETE", "/v1/orders/{id}", null)]
    [InlineData("POST", "/v1/orders/{id}/cancel", """{"reason":"customer"}""")]
    [InlineData("POST", "/v1/orders/{id}/retry", """{"note":"x"}""")]
    [InlineData("POST", "/v1/orders/{id}/resume", """{"note":"x"}""")]
    [InlineData("PUT", "/v1/customers/{id}/profile", """{"email":"a"}""")]
    [InlineData("PATCH", "/v1/customers/{id}/profile", """{"email":"a"}""")]
    [InlineData("DELETE", "/v1/customers/{id}/profile", null)]
    [InlineData("PUT", "/v1/counters/{name}", """{"shards":4}""")]
    [InlineData("POST", "/v1/counters/{name}/increments", """{"delta":1}""")]
    public async Task Who_has_lost_the_lease_changes_nothing_any_more(string method, string route, string? body)
    {
        var path = Fill(route.Replace("{name}", HttpHost.Name("counter"), StringComparison.Ordinal));
        var (first, second) = (await Term(), await Term());
        (string, string) seen = ("If-Match", "\"999999\"");
        var conditional = route.EndsWith("/stock", StringComparison.Ordinal);

        // Refused or not, the later term is known from then on.
        var answer = await Ask(second);
        Assert.True(answer.Status is < 300 or 404 or 409 or 412 or 428, answer.Body);
        Assert.NotEqual("fenced", answer.Status == 409 ? answer.Text("code") : null);

        var fenced = (await Ask(first)).IsProblem(409, "fenced");
        Assert.Equal((_lease, 1, 2), (fenced.Text("lease"), fenced.Number("number"), fenced.Number("newest")));

        Task<Answer> Ask(string fence) => Http.Send(
            new(method),
            path,
            body,
            [(Header, fence), ("Idempotency-Key", HttpHost.Name("key")), .. conditional ? [seen] : Array.Empty<(string, string)>()],
            method == "PATCH" ? "application/merge-patch+json" : "application/json");
    }

    [Fact]
    public async Task A_repeat_of_what_was_accepted_gets_its_first_answer_under_whichever_term_it_comes()
    {
        var (path, first, second) = ($"/v1/products/{Sku}/adjustments", await Term(), await Term());
        var made = await Adjust("k", first);
        (await Adjust("other", second)).Is(201);

        foreach (var fence in (string[])[first, second])
        {
            var again = (await Adjust("k", fence)).Is(201);
            Assert.True(again.Replayed);
            Assert.Equal(made.Body, again.Body);
        }

        Task<Answer> Adjust(string key, string fence) =>
            Http.Post(path, """{"delta":1,"reason":"received"}""", _lease + key, (Header, fence));
    }

    [Fact]
    public async Task An_order_that_is_there_looks_at_fences_and_one_that_is_placed_has_seen_none_to_compare_with()
    {
        var (first, second) = (await Term(), await Term());
        var body = HttpHost.OrderBody("tok_ok", (Sku, 1));
        (await Http.Post("/v1/orders", body, null, (Header, second))).IsProblem(400, "fence_unsupported");
        var order = (await Http.Post("/v1/orders", body, null, ("Prefer", "wait=30"))).Is(200);
        Assert.Equal("completed", order.Text("status"));

        var path = "/v1/orders/" + order.Text("id");
        (await Http.Patch(path, """{"reference":"y"}""", (Header, second), ("If-Match", order.ETag!))).Is(200);
        order = (await Http.Get(path)).Is(200);
        (await Http.Patch(path, """{"reference":"x"}""", (Header, first))).IsProblem(409, "fenced");

        // Its ETag has not moved, and holds when the fence is new.
        var third = await Term();
        (await Http.Patch(path, """{"reference":"x"}""", (Header, third), ("If-Match", order.ETag!))).Is(200);
        (await Http.Delete(path, (Header, third))).Is(204);
        (await Http.Delete(path, (Header, second))).IsProblem(409, "fenced");
    }

    [Fact]
    public async Task Each_item_of_many_has_a_fence_of_its_own()
    {
        var (other, first, second) = (await Http.Product(5), await Term(), await Term());
        var invented = second[..^1] + (second[^1] == '0' ? '1' : '0');
        var answer = (await Http.Post("/v1/adjustments", Items(
            (Sku, second), (Sku, first), (other, first), (other, invented), (other, null)))).Is(200);

        Assert.Equal(
            ["201", "fenced", "201", "lease_token_invalid", "201"],
            answer.Json.GetProperty("items").EnumerateArray().Select(static item => item.TryGetProperty("problem", out var problem)
                ? problem.GetProperty("code").GetString()
                : item.GetProperty("status").GetRawText()));
        var unreadable = (await Http.Post("/v1/adjustments", Items((Sku, "x"), (Sku, null)))).IsBad(422, "items[0].fence");
        Assert.Single(unreadable.Json.GetProperty("errors").EnumerateArray());

        static string Items(params (string Sku, string? Fence)[] items) => JsonSerializer.Serialize(new
        {
            items = items.Select(static item => item.Fence is null
                ? new Dictionary<string, object> { ["sku"] = item.Sku, ["delta"] = 1, ["reason"] = "received" }
                : new Dictionary<string, object> { ["sku"] = item.Sku, ["delta"] = 1, ["reason"] = "received", ["fence"] = item.Fence }),
        });
    }

    [Fact]
    public async Task A_seventeenth_lease_is_refused_and_the_others_go_on()
    {
        var path = $"/v1/products/{Sku}/adjustments";
        var leases = Enumerable.Range(0, 17).Select(static _ => HttpHost.Name("lease")).ToArray();
        for (var i = 0; i < 16; i++) (await Adjust(await Term(leases[i]))).Is(201);

        Assert.Equal(leases[16], (await Adjust(await Term(leases[16]))).IsProblem(409, "fence_names_full").Text("lease"));
        (await Adjust(await Term(leases[3]))).Is(201);

        Task<Answer> Adjust(string fence) => Http.Post(path, """{"delta":1,"reason":"received"}""", null, (Header, fence));
    }

    [Fact]
    public async Task A_counter_with_shards_says_that_it_looks_at_no_fence()
    {
        var path = "/v1/counters/" + HttpHost.Name("counter");
        var fence = await Term();
        (await Http.Put(path, """{"shards":4}""", (Header, fence))).Is(201);

        (await Http.Post(path + "/increments", """{"delta":1}""", null, (Header, fence))).IsProblem(409, "counter_not_fenced");
        (await Http.Post(path + "/increments", """{"delta":1}""")).Is(200);
        Assert.Equal(1, (await Http.Get(path)).Number("value"));
    }

    [Fact]
    public async Task A_name_that_is_not_plain_is_escaped()
    {
        const string Name = "größe=/1 %";
        var fence = await Term(Name);
        (await Http.Post($"/v1/products/{Sku}/adjustments", """{"delta":1,"reason":"received"}""", null, (Header, fence))).Is(201);
    }

    private Task<string> Term() => Term(_lease);

    /// <summary>The fence of a new term of the lease, which is over at once.</summary>
    private async Task<string> Term(string lease)
    {
        var path = "/v1/leases/" + Uri.EscapeDataString(lease);
        var token = (await Http.Post(path + "/acquire", """{"holder":"a","ttlSeconds":60}""")).Is(200).Text("token");
        (await Http.Post(path + "/release", $$"""{"token":"{{token}}"}""")).Is(200);
        return $"{Uri.EscapeDataString(lease)}={token}";
    }
}
