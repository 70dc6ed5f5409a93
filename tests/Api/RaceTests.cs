using System.Globalization;

namespace Holdfast.Tests.Api;

/// <summary>The bugs that must be impossible, provoked through the front door.</summary>
[Collection(HttpRing.Name)]
public sealed class RaceTests(HttpHost http)
{
    [Fact]
    public async Task Of_200_orders_for_the_last_10_units_exactly_10_complete()
    {
        var sku = await http.Product(10, price: 300);
        var orders = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => http.Post(
            "/v1/orders", HttpHost.OrderBody("tok_ok", (sku, 1)), null, ("Prefer", "wait=60"))));

        Assert.All(orders, order => order.Is(200));
        Assert.Equal(10, orders.Count(order => order.Text("status") == "completed"));
        Assert.Equal(190, orders.Count(order => order.Text("status") == "cancelled" && order.Text("reason") == "insufficient_stock"));
        var stock = await http.Get($"/v1/products/{sku}/stock");
        Assert.Equal((0L, 0L), (stock.Number("onHand"), stock.Number("reserved")));

        foreach (var order in orders)
        {
            var charges = (await http.Get("/v1/sandbox/charges?orderId=" + order.Text("id"))).Is(200)
                .Json.GetProperty("items").EnumerateArray();
            var kept = charges.Where(charge => charge.GetProperty("status").GetString() == "captured")
                .Select(charge => charge.GetProperty("amount").GetProperty("amount").GetInt64() - charge.GetProperty("refunded").GetInt64());
            Assert.Equal(order.Text("status") == "completed" ? [300L] : [], kept);
        }
    }

    [Fact]
    public async Task Of_200_reservations_of_the_last_10_units_exactly_10_hold()
    {
        var sku = await http.Product(10);
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => http.Post($"/v1/products/{sku}/reservations", """{"quantity":1}""")));

        Assert.Equal(10, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer => answer.IsProblem(409, "insufficient_stock"));
        Assert.Equal(10, (await http.Get($"/v1/products/{sku}/stock")).Number("reserved"));
    }

    [Fact]
    public async Task Of_64_clients_with_1000_increments_each_not_one_is_lost()
    {
        var path = "/v1/counters/" + HttpHost.Name("counter");
        await Task.WhenAll(Enumerable.Range(0, 64).Select(async client =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                var key = string.Create(CultureInfo.InvariantCulture, $"{client}-{i}");
                (await http.Post(path + "/increments", """{"delta":1}""", key)).Is(200);
            }
        }));

        Assert.Equal(64_000, (await http.Get(path)).Is(200).Number("value"));
    }

    [Fact]
    public async Task Of_two_writers_of_different_members_of_one_profile_neither_loses()
    {
        var path = $"/v1/customers/{HttpHost.Name("user")}/profile";
        (await http.Put(path, "{}")).Is(201);
        await Task.WhenAll(Write("email"), Write("phone"));
        var profile = (await http.Get(path)).Is(200);
        Assert.Equal(("1000", "1000"), (profile.Text("email"), profile.Text("phone")));

        async Task Write(string member)
        {
            for (var i = 1; i <= 1_000; i++)
            {
                var answer = await http.Patch(path, $$"""{"{{member}}":"{{i}}"}""");
                answer.Is(200);
                Assert.Equal(i.ToString(CultureInfo.InvariantCulture), answer.Text(member));
            }
        }
    }

    [Fact]
    public async Task One_key_sent_50_times_at_once_has_one_effect_and_49_replays()
    {
        var sku = await http.Product(100);
        var counter = "/v1/counters/" + HttpHost.Name("counter");
        foreach (var (path, body) in new[]
        {
            (counter + "/increments", """{"delta":1}"""),
            ($"/v1/products/{sku}/reservations", """{"quantity":1}"""),
            ($"/v1/products/{sku}/adjustments", """{"delta":1,"reason":"received"}"""),
            ("/v1/orders", HttpHost.OrderBody("tok_ok", (sku, 1))),
        })
        {
            var key = HttpHost.Name("key");
            var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => http.Post(path, body, key)));
            Assert.All(answers, answer => Assert.InRange(answer.Status, 200, 202));
            Assert.Equal(49, answers.Count(answer => answer.Replayed));
            if (path != "/v1/orders") Assert.Single(answers.Select(answer => answer.Body).Distinct());
        }

        Assert.Equal(1, (await http.Get(counter)).Number("value"));
    }
}
