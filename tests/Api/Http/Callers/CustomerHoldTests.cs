namespace Holdfast.Tests.Api.Http.Callers;

/// <summary>Customers and holds: each has its own, and sells nothing.</summary>
public sealed class CustomerHoldTests(TokenHost host) : IClassFixture<TokenHost>, IAsyncLifetime
{
    private const string Never = "res_00000000000000000000000000000000";

    private string _staff = "";
    private string _holds = "";

    public async Task InitializeAsync()
    {
        _staff = host.Staff.Token("ada", "products:write stock:write orders:read orders:write");
        var product = $"/v1/products/{HttpHost.Name("SKU")}";
        const string Product = """{"name":"x","unitPrice":{"amount":100,"currency":"EUR"}}""";
        (await host.Http.As(_staff, HttpMethod.Put, product, Product)).Is(201);
        (await host.Http.As(_staff, HttpMethod.Post, product + "/adjustments", """{"delta":9,"reason":"received"}""")).Is(201);
        _holds = product + "/reservations";
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_customer_holds_units_for_itself_lets_them_last_longer_and_gives_them_back()
    {
        var carl = host.Customers.Token("carl");
        var hold = (await Hold(carl, "carl")).Is(201).Location!;
        Assert.Equal("carl", (await host.Http.As(carl, HttpMethod.Get, hold)).Is(200).Text("customerId"));
        (await host.Http.As(carl, HttpMethod.Post, hold + "/extend", """{"ttlSeconds":3600}""")).Is(200);
        Assert.Equal("released", (await host.Http.As(carl, HttpMethod.Post, hold + "/release")).Is(200).Text("status"));
    }

    [Fact]
    public async Task A_customer_whose_answer_was_lost_hears_it_again_though_the_hold_has_ended()
    {
        var carl = host.Customers.Token("carl");
        var hold = (await Hold(carl, "carl")).Is(201).Location!;
        const string Hour = """{"ttlSeconds":3600}""";
        (await host.Http.As(carl, HttpMethod.Post, hold + "/extend", Hour, ("Idempotency-Key", "e"))).Is(200);
        (await host.Http.As(carl, HttpMethod.Post, hold + "/release", null, ("Idempotency-Key", "r"))).Is(200);
        var extended = (await host.Http.As(carl, HttpMethod.Post, hold + "/extend", Hour, ("Idempotency-Key", "e"))).Is(200);
        var released = (await host.Http.As(carl, HttpMethod.Post, hold + "/release", null, ("Idempotency-Key", "r"))).Is(200);
        Assert.Equal(("released", "released"), (extended.Text("status"), released.Text("status")));

        // Under the key of somebody else it is another's request.
        var dora = host.Customers.Token("dora");
        var others = await host.Http.As(dora, HttpMethod.Post, hold + "/release", null, ("Idempotency-Key", "r"));
        others.IsProblem(404, "reservation_not_found");
    }

    [Theory]
    [InlineData("dora")]
    [InlineData("Carl")]
    [InlineData(null)]
    public async Task A_customer_holds_nothing_in_anothers_name_or_in_nobodys(string? customer)
    {
        var refused = (await Hold(host.Customers.Token("carl"), customer)).IsProblem(403, "forbidden");
        Assert.Contains("'customerId'", refused.Text("detail"), StringComparison.Ordinal);
        Assert.Equal("""{"items":[],"next":null}""", (await host.Http.As(_staff, HttpMethod.Get, _holds)).Is(200).Body);
    }

    [Fact]
    public async Task What_is_sold_and_who_holds_what_is_the_shops()
    {
        var carl = host.Customers.Token("carl");
        var hold = (await Hold(carl, "carl")).Is(201).Location!;
        (await host.Http.As(carl, HttpMethod.Post, hold + "/commit")).IsProblem(403, "forbidden");
        (await host.Http.As(carl, HttpMethod.Get, _holds)).IsProblem(403, "forbidden");
        Assert.Equal("reserved", (await host.Http.As(_staff, HttpMethod.Get, hold)).Is(200).Text("status"));
        (await host.Http.As(_staff, HttpMethod.Post, hold + "/commit")).Is(200);
    }

    [Theory]
    [InlineData("dora")]
    [InlineData("Carl")]
    [InlineData(null)]
    public async Task Of_anothers_hold_every_verb_says_what_it_says_of_one_that_never_was(string? holder)
    {
        var hold = (await Hold(_staff, holder)).Is(201).Location!;
        var carl = host.Customers.Token("carl");
        (HttpMethod Method, string Path, string? Body)[] verbs =
        [
            (HttpMethod.Get, "", null), (HttpMethod.Head, "", null), (HttpMethod.Delete, "", null), (HttpMethod.Post, "/release", null),
            (HttpMethod.Post, "/extend", """{"ttlSeconds":3600}"""), (HttpMethod.Post, "/extend", """{"ttlSeconds":0}"""),
            (HttpMethod.Post, "/extend", "{}"), (HttpMethod.Post, "/commit", null), (HttpMethod.Post, "/commit", """{"quantity":1}"""),
        ];
        foreach (var (method, rest, body) in verbs)
        {
            foreach (var header in new[] { ("X-None", "1"), ("Cache-Control", "no-cache"), ("Idempotency-Key", "") })
            {
                var anothers = await host.Http.As(carl, method, hold + rest, body, header);
                var nevers = await host.Http.As(carl, method, $"{_holds}/{Never}{rest}", body, header);
                Assert.Equal((method, rest, nevers.Unnamed()), (method, rest, anothers.Unnamed()));
                Assert.InRange(anothers.Status, 400, 499);
            }
        }

        (await host.Http.As(carl, HttpMethod.Get, hold)).IsProblem(404, "reservation_not_found");
        (await host.Http.As(carl, HttpMethod.Post, hold + "/release")).IsProblem(404, "reservation_not_found");
        Assert.Equal("reserved", (await host.Http.As(_staff, HttpMethod.Get, hold)).Is(200).Text("status"));
    }

    private Task<Answer> Hold(string token, string? customer)
    {
        var name = customer is null ? "" : $",\"customerId\":\"{customer}\"";
        return host.Http.As(token, HttpMethod.Post, _holds, $$"""{"quantity":1{{name}}}""");
    }
}
