using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Lists;
using Holdfast.Api.Orders;
using Holdfast.Contracts.Orders;
using Holdfast.Views.Lists;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Tests.Api.Http.Callers;

/// <summary>Customers, who see and do what is their own, and to whom what is another's is not there.</summary>
public sealed class CustomerTests(TokenHost host) : IClassFixture<TokenHost>, IAsyncLifetime
{
    private const string Never = "ord_00000000000000000000000000000000";

    private string _staff = "";
    private string _sku = "";

    public async Task InitializeAsync()
    {
        _staff = host.Staff.Token("ada", "products:write stock:write orders:read orders:write customers:write customers:read operate");
        _sku = HttpHost.Name("SKU");
        const string Product = """{"name":"x","unitPrice":{"amount":100,"currency":"EUR"}}""";
        (await host.Http.As(_staff, HttpMethod.Put, $"/v1/products/{_sku}", Product)).Is(201);
        (await host.Http.As(_staff, HttpMethod.Post, $"/v1/products/{_sku}/adjustments", """{"delta":9,"reason":"received"}""")).Is(201);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_customer_orders_for_itself_and_reads_and_cancels_what_it_ordered()
    {
        var token = host.Customers.Token("carl");
        var order = (await Place(token, "carl")).Is(202);
        Assert.Equal("carl", (await host.Http.As(token, HttpMethod.Get, order.Location!)).Is(200).Text("customerId"));
        Assert.NotEqual(404, (await host.Http.As(token, HttpMethod.Post, order.Location + "/cancel", """{"reason":"customer"}""")).Status);
        (await Place(token, "dora")).IsProblem(403, "forbidden");
        (await Place(token, "Carl")).IsProblem(403, "forbidden");
    }

    [Fact]
    public async Task Of_anothers_order_every_verb_says_what_it_says_of_one_that_never_was()
    {
        var order = (await Place(host.Customers.Token("carl"), "carl")).Is(202).Location!;
        var token = host.Customers.Token("dora");
        (HttpMethod Method, string Path, string? Body)[] verbs =
        [
            (HttpMethod.Get, "", null), (HttpMethod.Head, "", null), (HttpMethod.Patch, "", "{}"), (HttpMethod.Delete, "", null),
            (HttpMethod.Get, "/history", null), (HttpMethod.Post, "/cancel", """{"reason":"customer"}"""),
            (HttpMethod.Post, "/cancel", "{}"),
            (HttpMethod.Post, "/cancel", """{"reason":"customer","note":" "}"""),
            .. new[] { "retry", "compensate", "complete", "resume" }
                .Select(static verb => (HttpMethod.Post, "/" + verb, (string?)"""{"note":"x"}""")),
        ];
        foreach (var (method, rest, body) in verbs)
        {
            foreach (var header in new[] { ("X-None", "1"), ("If-None-Match", "*"), ("If-Match", "\"1\""), ("Cache-Control", "no-cache") })
            {
                var anothers = await host.Http.As(token, method, order + rest, body, header);
                var nevers = await host.Http.As(token, method, "/v1/orders/" + Never + rest, body, header);
                Assert.Equal((method, rest, nevers.Unnamed()), (method, rest, anothers.Unnamed()));
                Assert.InRange(anothers.Status, 400, 499);
            }
        }

        (await host.Http.As(token, HttpMethod.Get, order)).IsProblem(404, "order_not_found");
        (await host.Http.As(_staff, HttpMethod.Get, order)).Is(200);
    }

    [Fact]
    public async Task A_customer_finds_its_own_orders_and_of_anothers_what_it_would_find_if_there_were_none()
    {
        var (carl, dora) = (HttpHost.Name("carl"), HttpHost.Name("dora"));
        var token = host.Customers.Token(carl);
        var own = (await Place(token, carl)).Is(202);
        var anothers = (await Place(host.Customers.Token(dora), dora)).Is(202);
        var seen = ("Holdfast-At-Least", $"{own.Headers["Holdfast-Version"]}, {anothers.Headers["Holdfast-Version"]}");

        Assert.Empty(new[] { own.Text("id")!, anothers.Text("id")! }.Except(Ids(await Find(_staff, $"?sku={_sku}", seen))));
        foreach (var query in new[] { "", $"?customerId={carl}", $"?sku={_sku}" })
            Assert.Equal([own.Text("id")!], Ids(await Find(token, query, seen)));

        // As of one who never was.
        foreach (var other in new[] { dora, HttpHost.Name("never"), carl.ToUpperInvariant() })
        {
            var found = await Find(token, $"?customerId={other}", seen);
            Assert.Equal("""{"items":[],"next":null}""", found.Is(200).Body);
        }
    }

    [Fact]
    public async Task What_a_customer_may_not_see_no_list_waits_for_on_its_behalf()
    {
        var (carl, dora) = (HttpHost.Name("carl"), HttpHost.Name("dora"));
        var own = (await Place(host.Customers.Token(carl), carl)).Is(202).Text("id");
        var anothers = (await Place(host.Customers.Token(dora), dora)).Is(202).Text("id");
        var point = new ReadPoint(
            true,
            [new($"order/{own}", 1), new($"order/{anothers}", 1), new($"order/{Never}", 1), new("order/x", 1), new($"product/{_sku}", 1)],
            new("0", 7));

        var narrowed = await OwnOrders.Narrow(point, As(new Caller("jwt:x", [], carl)));

        Assert.Equal([point.Versions[0]], narrowed.Versions);
        Assert.Equal((true, point.Position), (narrowed.Newest, narrowed.Position));
        Assert.Same(point, await OwnOrders.Narrow(point, As(Caller.Anonymous)));
    }

    [Fact]
    public void How_a_step_of_its_order_failed_a_customer_is_not_told()
    {
        var order = new Order(
            Guid.NewGuid(), "carl", OrderStatus.NeedsAttention, [], null, PaymentStatus.Pending, OrderReason.StepFailed,
            "Failed to connect to db-7.internal", [], DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 4);
        Assert.Equal(
            (OrderReason.StepFailed, null),
            Told(OrderResponse.For(As(new Caller("jwt:x", [], "carl")), order)));
        Assert.Equal((OrderReason.StepFailed, order.Detail), Told(OrderResponse.For(As(Caller.Anonymous), order)));

        static (string? Reason, string? Detail) Told(OrderResponse told) => (told.Reason, told.Detail);
    }

    [Theory]
    [InlineData("orders:read", "order/ord_1")]
    [InlineData("products:read", "product/tea")]
    [InlineData("stock:read", "product/tea")]
    [InlineData("customers:read keys operate orders:write")]
    public void What_a_caller_may_not_read_no_list_waits_for_on_its_behalf(string scopes, params string[] streams)
    {
        var context = As(new Caller("key:x", Caller.Known(scopes.Split(' '))));
        context.Request.Headers["Holdfast-At-Least"] =
            $"order/ord_1@3, product/tea@4, profile/carl@5, keyring/keys@6, {new string('0', 32)}.7";
        var point = ReadPoints.Of(context);
        Assert.Equal(streams, point.Versions.Select(static seen => seen.Stream));
        Assert.Equal(7, point.Position?.Number);
    }

    [Fact]
    public async Task A_customer_is_told_that_the_server_is_ready_and_nothing_of_what_is_behind_it()
    {
        var (customer, staff) = (host.Customers.Token("carl"), host.Staff.Token("ada", "operate"));
        var told = (await host.Http.As(customer, HttpMethod.Get, "/health/ready")).Is(200);
        Assert.Contains("\"schemaVersion\": null", told.Body, StringComparison.Ordinal);
        Assert.InRange((await host.Http.As(staff, HttpMethod.Get, "/health/ready")).Is(200).Number("schemaVersion"), 1, 1_000);
    }

    [Fact]
    public async Task A_customer_erases_no_order_and_sees_nothing_of_the_shops()
    {
        var token = host.Customers.Token("carl");
        var order = (await Place(token, "carl")).Is(202).Location!;
        (await host.Http.As(token, HttpMethod.Delete, order)).IsProblem(403, "forbidden");
        (await host.Http.As(token, HttpMethod.Get, order + "/history")).IsProblem(403, "forbidden");
        foreach (var path in new[] { "/v1/products", "/v1/movements", "/v1/dead-letters" })
            (await host.Http.As(token, HttpMethod.Get, path)).IsProblem(403, "forbidden");
    }

    [Fact]
    public async Task A_customer_has_its_own_profile_and_no_other()
    {
        var (carl, dora) = (host.Customers.Token("carl"), host.Customers.Token("dora"));
        (await host.Http.As(carl, HttpMethod.Put, "/v1/customers/carl/profile", """{"email":"a"}""")).Is(201);
        (await host.Http.As(carl, HttpMethod.Get, "/v1/customers/carl/profile")).Is(200);
        (HttpMethod Method, string? Body)[] verbs =
            [(HttpMethod.Get, null), (HttpMethod.Put, "{}"), (HttpMethod.Patch, """{"email":"b"}"""), (HttpMethod.Delete, null)];
        foreach (var (method, body) in verbs)
        {
            var there = await host.Http.As(dora, method, "/v1/customers/carl/profile", body);
            there.IsProblem(404, "profile_not_found");
            var never = await host.Http.As(dora, method, "/v1/customers/none/profile", body);
            Assert.Equal(never.Unnamed().Replace("none", "carl", StringComparison.Ordinal), there.Unnamed());
        }

        Assert.Equal("a", (await host.Http.As(_staff, HttpMethod.Get, "/v1/customers/carl/profile")).Is(200).Text("email"));
        (await host.Http.As(carl, HttpMethod.Delete, "/v1/customers/carl/profile")).Is(204);
    }

    [Fact]
    public async Task Whatever_its_token_claims_a_customer_may_do_nothing_else()
    {
        var token = host.Customers.Token("carl", "operate keys products:write stock:write orders:price orders:read orders:write");
        var product = $"/v1/products/{_sku}";
        foreach (var path in new[] { product, product + "/stock", "/v1/keys", "/v1/attention", "/v1/counters/x", "/dashboard" })
            (await host.Http.As(token, HttpMethod.Get, path)).IsProblem(403, "forbidden");
        (await host.Http.As(token, HttpMethod.Get, "/openapi/v1.json")).Is(200);
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("a b\u200B")]
    [InlineData("..")]
    public async Task A_subject_that_can_be_no_customer_is_none(string subject) =>
        (await host.Http.As(host.Customers.Token(subject), HttpMethod.Get, "/")).IsProblem(401, "unauthenticated");

    [Fact]
    public async Task A_customer_is_not_the_member_of_staff_of_the_same_name()
    {
        var order = (await Place(host.Customers.Token("ada"), "ada", "k")).Is(202);
        var other = (await Place(_staff, "ada", "k")).Is(202);
        Assert.NotEqual(order.Location, other.Location);
        (await host.Http.As(host.Customers.Token("ada", "operate"), HttpMethod.Get, "/v1/counters/x")).IsProblem(403, "forbidden");
    }

    private Task<Answer> Place(string token, string customer, string? key = null)
    {
        var body = $$"""{"customerId":"{{customer}}","paymentToken":"tok_ok","lines":[{"sku":"{{_sku}}","quantity":1}]}""";
        return host.Http.As(token, HttpMethod.Post, "/v1/orders", body, ("Idempotency-Key", key ?? Guid.NewGuid().ToString()));
    }

    private Task<Answer> Find(string token, string query, (string, string) seen) =>
        host.Http.As(token, HttpMethod.Get, "/v1/orders" + query, null, seen);

    private static string[] Ids(Answer list) =>
        [.. list.Is(200).Json.GetProperty("items").EnumerateArray().Select(static item => item.GetProperty("id").GetString()!)];

    private DefaultHttpContext As(Caller caller)
    {
        var context = new DefaultHttpContext { RequestServices = host.Http.Services };
        context.Features.Set(caller);
        return context;
    }
}
