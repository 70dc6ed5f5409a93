namespace Holdfast.Tests.Api.Products;

[Collection(HttpRing.Name)]
public sealed class ProductListTests(HttpHost http)
{
    private static readonly (string, string) Newest = ("Cache-Control", "no-cache");

    [Fact]
    public async Task A_product_is_found_by_a_part_of_its_name_or_sku_and_its_owner_says_the_numbers()
    {
        var sku = await http.Product(9);
        (await http.Post($"/v1/products/{sku}/reservations", """{"quantity":2}""")).Is(201);

        var plain = (await http.Get($"/v1/products?query={sku.ToLowerInvariant()}", Newest)).Is(200);
        var expanded = (await http.Get($"/v1/products?query={sku}&expand=stock&limit=50", Newest)).Is(200);

        Assert.Equal((await http.Get($"/v1/products/{sku}")).Body, Only(plain, sku));
        Assert.Equal((await http.Get($"/v1/products/{sku}?expand=stock")).Body, Only(expanded, sku));
        Assert.Contains("\"reserved\":2", Only(expanded, sku), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Archived_ones_are_told_apart()
    {
        var sku = await http.Product(1);
        (await http.Patch($"/v1/products/{sku}", """{"archived":true,"reference":"REF"}""")).Is(200);

        Assert.NotNull(Only((await http.Get($"/v1/products?query={sku}&archived=true", Newest)).Is(200), sku));
        Assert.NotNull(Only((await http.Get($"/v1/products?query={sku}&reference=REF", Newest)).Is(200), sku));
        Assert.Null(Only((await http.Get($"/v1/products?query={sku}&archived=false", Newest)).Is(200), sku));
    }

    [Theory]
    [InlineData("query=", 422, "query")]
    [InlineData("expand=price", 422, "expand")]
    [InlineData("expand=stock&limit=51", 422, "limit")]
    public async Task What_cannot_be_is_refused(string query, int status, string place) =>
        (await http.Get($"/v1/products?{query}")).IsBad(status, place);

    [Fact]
    public async Task Movements_of_all_products_are_found_by_reference_and_kind()
    {
        var (sku, reference) = (await http.Product(5), HttpHost.Name("DOC"));
        var adjusted = (await http.Post(
            $"/v1/products/{sku}/adjustments", $$"""{"delta":-2,"reason":"damaged","reference":"{{reference}}"}""")).Is(201);

        var seen = ("Holdfast-At-Least", adjusted.Headers["Holdfast-Version"]);
        var found = (await http.Get($"/v1/movements?reference={reference}", seen)).Is(200);

        var line = Assert.Single(found.Json.GetProperty("items").EnumerateArray());
        Assert.Equal((sku, -2, adjusted.Number("version")), (
            line.GetProperty("sku").GetString(), line.GetProperty("delta").GetInt64(), line.GetProperty("version").GetInt64()));
        var sold = (await http.Get($"/v1/movements?reference={reference}&kind=sold", Newest)).Is(200);
        Assert.Empty(sold.Json.GetProperty("items").EnumerateArray());
        (await http.Get("/v1/movements?kind=lost")).IsBad(422, "kind");
        (await http.Get("/v1/movements?from=now")).IsBad(400, "from");
        (await http.Get("/v1/movements?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z")).IsBad(422, "from");
    }

    private static string? Only(Answer list, string sku) => list.Json.GetProperty("items").EnumerateArray()
        .Where(item => item.GetProperty("sku").GetString() == sku).Select(static item => item.GetRawText()).SingleOrDefault();
}
