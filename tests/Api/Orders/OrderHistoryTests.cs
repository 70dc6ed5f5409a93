using System.Text.Json;

namespace Holdfast.Tests.Api.Orders;

[Collection(HttpRing.Name)]
public sealed class OrderHistoryTests(HttpHost http)
{
    [Fact]
    public async Task A_history_tells_what_happened_to_an_order_newest_first()
    {
        var sku = await http.Product(5, price: 250);
        var order = (await http.Order("tok_ok", (sku, 2))).Is(200);

        var history = (await http.Get($"/v1/orders/{order.Text("id")}/history")).Is(200);

        Assert.Equal(["completed", "completing", "captured", "charging", "reserved", "reserving", "placed"], Whats(history));
        Assert.Equal(order.Number("version"), Items(history)[0].GetProperty("version").GetInt64());
        Assert.Equal(500, Items(history)[2].GetProperty("amount").GetProperty("amount").GetInt64());
        Assert.StartsWith("ch_", Items(history)[2].GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, history.Json.GetProperty("next").ValueKind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("&order=asc")]
    public async Task A_history_has_pages(string order)
    {
        var sku = await http.Product(5);
        var path = $"/v1/orders/{(await http.Order("tok_declined", (sku, 1))).Is(200).Text("id")}/history";
        var whole = Whats((await http.Get($"{path}?limit=200{order}")).Is(200));
        var (pages, query) = (new List<string>(), $"{path}?limit=2{order}");
        for (var cursor = ""; cursor is not null;)
        {
            var page = (await http.Get(query + cursor)).Is(200);
            pages.AddRange(Whats(page));
            cursor = page.Text("next") is { } next ? "&cursor=" + next : null;
        }

        Assert.Equal(whole, pages);
        Assert.Equal(order.Length == 0 ? "cancelled" : "placed", whole[0]);
        Assert.Contains("declined", whole);
    }

    [Fact]
    public async Task What_whoever_asked_had_to_say_stands_beside_what_it_caused()
    {
        var sku = await http.Product(3);
        var path = (await http.Post("/v1/orders", HttpHost.OrderBody("tok_slow", (sku, 1)))).Is(202).Location!;
        (await http.Post(path + "/cancel", """{"reason":"fraud","note":"a stolen card"}""")).Is(202);

        // As soon as it is acknowledged.
        var entries = Items((await http.Get(path + "/history")).Is(200));
        var asked = entries.Single(static entry => entry.GetProperty("what").GetString() == "cancelling");

        Assert.Equal(("cancel", "a stolen card", "cancelled_for_fraud"), (
            asked.GetProperty("verb").GetString(), asked.GetProperty("note").GetString(), asked.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task A_history_of_nothing_is_not_found()
    {
        (await http.Get("/v1/orders/ord_0123456789abcdef0123456789abcdef/history")).IsProblem(404, "order_not_found");
        (await http.Get("/v1/orders/7/history")).IsProblem(404, "order_not_found");
        (await http.Get("/v1/orders/7/history?limit=0")).IsProblem(422, "out_of_bounds").Blames("limit");
        (await http.Get("/v1/orders/7/history?cursor=x")).IsProblem(400, "cursor_invalid");
    }

    private static JsonElement[] Items(Answer answer) => [.. answer.Json.GetProperty("items").EnumerateArray()];

    private static string[] Whats(Answer answer) => Array.ConvertAll(Items(answer), static entry => entry.GetProperty("what").GetString()!);
}
