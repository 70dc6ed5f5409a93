using System.Text.Json;

namespace Holdfast.Tests.Api.Orders;

[Collection(HttpRing.Name)]
public sealed class OrderListTests(HttpHost http)
{
    private static readonly (string, string) Newest = ("Cache-Control", "no-cache");

    [Fact]
    public async Task An_order_whose_id_is_lost_is_found_by_what_is_known_of_it()
    {
        var (sku, reference) = (await http.Product(9), HttpHost.Name("R"));
        var id = (await Place(sku, reference)).Text("id");

        var found = (await http.Get($"/v1/orders?reference={reference}", Newest)).Is(200);

        var item = Assert.Single(found.Json.GetProperty("items").EnumerateArray());
        Assert.Equal(id, item.GetProperty("id").GetString());
        Assert.Equal(JsonValueKind.Null, found.Json.GetProperty("next").ValueKind);
        string[] filters = [$"sku={sku}", $"customerId={reference}-c", $"customerId={reference}-c&sku={sku}&status=completed"];
        foreach (var filter in filters)
        {
            Assert.Equal([id!], Ids(await http.Get($"/v1/orders?{filter}", Newest)));
        }

        Assert.Empty(Ids(await http.Get($"/v1/orders?reference={reference}&status=cancelled", Newest)));
        Assert.Empty(Ids(await http.Get($"/v1/orders?reference={reference}&attention=true", Newest)));
    }

    [Fact]
    public async Task An_item_of_the_list_is_the_order_itself()
    {
        var (sku, reference) = (await http.Product(9), HttpHost.Name("R"));
        var placed = await Place(sku, reference);
        var order = (await http.Get($"/v1/orders/{placed.Text("id")}", Newest)).Is(200);

        var listed = (await http.Get($"/v1/orders?reference={reference}", Newest)).Is(200);

        Assert.Equal(order.Body, listed.Json.GetProperty("items")[0].GetRawText());
    }

    [Fact]
    public async Task Whoever_pages_while_orders_arrive_sees_each_once()
    {
        var (sku, there, seen) = (await http.Product(99), new List<string>(), new List<string>());
        for (var i = 0; i < 7; i++) there.Add((await Place(sku, HttpHost.Name("R"))).Text("id")!);
        string? cursor = null;
        do
        {
            var page = (await http.Get($"/v1/orders?sku={sku}&limit=2{(cursor is null ? "" : $"&cursor={cursor}")}", Newest)).Is(200);
            seen.AddRange(Ids(page));
            cursor = page.Text("next");
            await Place(sku, HttpHost.Name("R"));
        }
        while (cursor is not null);

        Assert.Equal(there.AsEnumerable().Reverse(), seen);
    }

    [Fact]
    public async Task A_list_has_seen_what_its_reader_has_seen()
    {
        var sku = await http.Product(99);
        for (var i = 0; i < 5; i++)
        {
            var placed = (await http.Order("tok_ok", (sku, 1))).Is(200);
            var list = (await http.Get($"/v1/orders?sku={sku}", ("Holdfast-At-Least", placed.Headers["Holdfast-Version"]))).Is(200);

            Assert.Contains(placed.Text("id")!, Ids(list));
            var again = (await http.Get($"/v1/orders?sku={sku}", ("Holdfast-At-Least", list.Headers["Holdfast-As-Of"]))).Is(200);
            Assert.Contains(placed.Text("id")!, Ids(again));
        }
    }

    [Theory]
    [InlineData("status=Completed", 422, "status")]
    [InlineData("status=sold", 422, "status")]
    [InlineData("placedAfter=yesterday", 400, "placedAfter")]
    [InlineData("placedAfter=2026-02-01T00:00:00Z&placedBefore=2026-01-01T00:00:00Z", 422, "placedAfter")]
    [InlineData("placedBefore=2026-11-23T09:00:00%2B01:00", 400, "placedBefore")]
    [InlineData("attention=maybe", 400, "attention")]
    [InlineData("limit=0", 422, "limit")]
    [InlineData("customer=ada", 400, "customer")]
    public async Task A_filter_that_cannot_be_is_refused_with_its_name(string query, int status, string place) =>
        (await http.Get($"/v1/orders?{query}")).IsBad(status, place);

    [Theory]
    [InlineData("order/ord_1")]
    [InlineData("@1")]
    [InlineData("order/@1")]
    [InlineData("order/ord_1@-1")]
    [InlineData("order/ord_1@99999999999999999999")]
    [InlineData("0123456789abcdef0123456789abcdef.x")]
    [InlineData("order/%00@1")]
    public async Task A_point_that_cannot_be_read_is_refused(string point) =>
        (await http.Get("/v1/orders", ("Holdfast-At-Least", point))).IsBad(400, "Holdfast-At-Least");

    [Fact]
    public async Task More_points_than_sixteen_are_refused_and_one_of_another_epoch_is_ignored()
    {
        (await http.Get("/v1/orders", ("Holdfast-At-Least", string.Join(",", Enumerable.Repeat("order/ord_1@1", 17)))))
            .IsBad(400, "Holdfast-At-Least");
        (await http.Get("/v1/orders", ("Holdfast-At-Least", $"{new string('0', 32)}.99999999"))).Is(200);
        (await http.Get("/v1/orders", ("Holdfast-At-Least", "order/ord_none@7, product/a%2Fb@9"))).Is(200);
    }

    [Fact]
    public async Task A_cursor_of_another_filter_is_refused()
    {
        var sku = await http.Product(9);
        for (var i = 0; i < 2; i++) await Place(sku, HttpHost.Name("R"));
        var cursor = (await http.Get($"/v1/orders?sku={sku}&limit=1", Newest)).Is(200).Text("next");

        (await http.Get($"/v1/orders?sku={sku}&limit=1&cursor={cursor}")).Is(200);
        (await http.Get($"/v1/orders?limit=1&cursor={cursor}")).IsProblem(400, "cursor_invalid");
        (await http.Get($"/v1/orders?sku={sku}&limit=1&order=asc&cursor={cursor}")).IsProblem(400, "cursor_invalid");
    }

    private static string[] Ids(Answer list) =>
        [.. list.Is(200).Json.GetProperty("items").EnumerateArray().Select(static item => item.GetProperty("id").GetString()!)];

    private async Task<Answer> Place(string sku, string reference) => (await http.Post(
        "/v1/orders",
        $$"""
        {"customerId":"{{reference}}-c","reference":"{{reference}}","paymentToken":"tok_ok","lines":[{"sku":"{{sku}}","quantity":1}]}
        """,
        HttpHost.Name("key"),
        ("Prefer", "wait=30"))).Is(200);
}
