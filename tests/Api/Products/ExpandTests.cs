namespace Holdfast.Tests.Api.Products;

[Collection(HttpRing.Name)]
public sealed class ExpandTests(HttpHost http)
{
    [Fact]
    public async Task A_product_is_read_with_its_stock_and_then_has_no_etag()
    {
        var sku = await http.Product(9);
        var path = $"/v1/products/{sku}";
        (await http.Post(path + "/reservations", """{"quantity":2}""")).Is(201);
        var (plain, stock) = ((await http.Get(path)).Is(200), (await http.Get(path + "/stock")).Is(200));
        var both = (await http.Get(path + "?expand=stock")).Is(200);

        Assert.False(plain.Json.TryGetProperty("stock", out _));
        Assert.Equal(stock.Body, both.Json.GetProperty("stock").GetRawText());
        Assert.Equal(plain.Body[..^1] + $",\"stock\":{stock.Body}}}", both.Body);
        Assert.Equal((null, stock.Headers["Cache-Control"]), (both.ETag, both.Headers["Cache-Control"]));
        Assert.Contains("no-store", both.Headers["Cache-Control"], StringComparison.Ordinal);
        Assert.DoesNotContain("no-store", plain.Headers["Cache-Control"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("If-Match")]
    [InlineData("If-None-Match")]
    public async Task A_condition_that_cannot_be_checked_is_refused(string header) =>
        (await http.Get($"/v1/products/{await http.Product(1)}?expand=stock", (header, "\"1\"")))
            .IsProblem(400, "precondition_unsupported").Blames(header);

    [Fact]
    public async Task The_stock_is_for_who_may_read_it()
    {
        var sku = await http.Product(9);
        var some = await http.MakeKey(HttpHost.Name("some"), ["products:read"]);
        var both = await http.MakeKey(HttpHost.Name("both"), ["products:read", "stock:read"]);
        foreach (var path in new[] { $"/v1/products/{sku}", "/v1/products" })
        {
            (await http.As(some, HttpMethod.Get, path)).Is(200);
            (await http.As(both, HttpMethod.Get, path + "?expand=stock")).Is(200);
            var refused = (await http.As(some, HttpMethod.Get, path + "?expand=stock")).IsProblem(403, "forbidden");
            Assert.Contains("'stock:read'", refused.Text("detail"), StringComparison.Ordinal);
            Assert.Equal("Bearer error=\"insufficient_scope\", scope=\"stock:read\"", refused.Headers["WWW-Authenticate"]);
        }
    }

    [Fact]
    public async Task Nothing_else_can_be_expanded()
    {
        var path = "/v1/products/" + await http.Product(1);
        (await http.Get(path + "?expand=reservations")).IsBad(422, "expand");
        (await http.Get(path + "?expand=")).IsBad(422, "expand");
        (await http.Get(path + "?expand=stock&expand=stock")).IsBad(400, "expand");
        (await http.Get($"/v1/products/{HttpHost.Name("none")}?expand=stock")).IsProblem(404, "product_not_found");
    }
}
