using System.Globalization;

namespace Holdfast.Tests.Api.Stock;

[Collection(HttpRing.Name)]
public sealed class SourceTests(HttpHost http)
{
    [Fact]
    public async Task A_source_tells_late_doubled_and_out_of_order()
    {
        var sku = await http.Product(10);
        var path = $"/v1/products/{sku}/adjustments";
        var last = (await http.Post(path, Delta(4, -2))).Is(201);
        var count = (await http.Post(path, Count(3, 30))).Is(201);
        Assert.Equal((30L, 28L), (count.Number("counted"), count.Number("onHand")));

        var late = (await http.Post(path, Delta(2, 7))).Is(201);
        Assert.True(late.Json.GetProperty("superseded").GetBoolean());
        Assert.Equal(28, late.Number("onHand"));

        // The same message under another key is the same message.
        var doubled = (await http.Post(path, Delta(4, -2))).Is(201);
        Assert.True(doubled.Replayed);
        Assert.Equal(last.Json.GetRawText(), doubled.Json.GetRawText());
        Assert.Equal(28, await OnHand(sku));

        var lines = (await http.Get($"/v1/products/{sku}/movements?order=asc")).Is(200).Json.GetProperty("items").EnumerateArray()
            .Select(static line => (line.GetProperty("kind").GetString(), line.GetProperty("delta").GetInt64()));
        Assert.Equal([("adjusted", 10), ("adjusted", -2), ("set", 20), ("superseded", 0)], lines);
        var line = (await http.Get($"/v1/products/{sku}/movements/{late.Number("version")}")).Is(200);
        Assert.Equal(("warehouse-1", 2L), (line.Text("source"), line.Number("sequence")));
    }

    [Fact]
    public async Task A_number_that_was_used_for_something_else_says_where()
    {
        var sku = await http.Product(10);
        var path = $"/v1/products/{sku}/adjustments";
        var first = (await http.Post(path, Delta(1, 5))).Is(201);
        var refused = (await http.Post(path, Delta(1, 6))).IsProblem(409, "sequence_reused");

        Assert.Equal(first.Number("version"), refused.Number("movementVersion"));
        Assert.Equal(15, await OnHand(sku));
    }

    [Fact]
    public async Task A_number_below_what_is_remembered_says_which_is_the_lowest_that_is()
    {
        var sku = await http.Product(10);
        var path = $"/v1/products/{sku}/adjustments";
        (await http.Post(path, Delta(300, 5))).Is(201);

        Assert.Equal(45, (await http.Post(path, Delta(44, 5))).IsProblem(409, "sequence_too_old").Number("oldestSequence"));
        (await http.Post(path, Delta(45, 5))).Is(201);
        Assert.Equal(20, await OnHand(sku));
    }

    [Fact]
    public async Task A_seventeenth_source_is_refused()
    {
        var sku = await http.Product(10);
        for (var i = 1; i <= 16; i++) (await http.Post($"/v1/products/{sku}/adjustments", Delta(1, 1, $"source-{i}"))).Is(201);

        (await http.Post($"/v1/products/{sku}/adjustments", Delta(1, 1, "one-more"))).IsProblem(409, "too_many_sources");
        Assert.Equal(26, await OnHand(sku));
    }

    [Theory]
    [InlineData("""{"reason":"x"}""", "/delta", "required")]
    [InlineData("""{"delta":0,"reason":"x"}""", "/delta", "out_of_range")]
    [InlineData("""{"delta":1,"onHand":2,"reason":"x","source":"w","sequence":1}""", "/onHand", "unsupported")]
    [InlineData("""{"onHand":2,"reason":"x"}""", "/source", "required")]
    [InlineData("""{"delta":1,"reason":"x","source":"w"}""", "/sequence", "required")]
    [InlineData("""{"delta":1,"reason":"x","sequence":1}""", "/source", "required")]
    [InlineData("""{"delta":1,"reason":"x","source":"w","sequence":0}""", "/sequence", "out_of_range")]
    [InlineData("""{"delta":1,"reason":"x","source":"a\u0007","sequence":1}""", "/source", "invalid_name")]
    [InlineData("""{"onHand":2,"reason":"x","source":"w","sequence":1,"effectiveAt":"2026-01-01T00:00Z"}""", "/effectiveAt", "unsupported")]
    public async Task What_is_not_whole_is_refused_with_its_place(string body, string place, string code)
    {
        var sku = await http.Product(10);
        var problem = (await http.Post($"/v1/products/{sku}/adjustments", body)).IsProblem(422, "out_of_bounds");
        var error = problem.Json.GetProperty("errors")[0];

        Assert.Equal((place, code), (error.GetProperty("pointer").GetString(), error.GetProperty("code").GetString()));
        Assert.Equal(10, await OnHand(sku));
    }

    [Fact]
    public async Task In_bulk_each_item_can_have_a_number_and_counts_of_one_product_then_commute()
    {
        var sku = await http.Product(10);
        var items = string.Join(',', Item(sku, """ "onHand":5,"sequence":2 """), Item(sku, """ "delta":3,"sequence":3 """),
            Item(sku, """ "onHand":9,"sequence":1 """));

        var results = (await http.Post("/v1/adjustments", $$"""{"items":[{{items}}]}""")).Is(200).Json.GetProperty("items")
            .EnumerateArray().Select(static result => result.GetProperty("adjustment")).ToArray();

        Assert.Equal([5L, 8L, 8L], results.Select(static made => made.GetProperty("onHand").GetInt64()));
        Assert.True(results[2].GetProperty("superseded").GetBoolean());
        var versioned = Item(sku, """ "onHand":1,"sequence":4,"ifVersion":3 """);
        (await http.Post("/v1/adjustments", $$"""{"items":[{{versioned}}]}""")).IsProblem(422, "out_of_bounds");

        static string Item(string sku, string rest) => $$"""{"sku":"{{sku}}","reason":"feed","source":"warehouse-1",{{rest}}}""";
    }

    private async Task<long> OnHand(string sku) => (await http.Get($"/v1/products/{sku}/stock")).Is(200).Number("onHand");

    private static string Delta(long sequence, long delta, string source = "warehouse-1") => string.Create(
        CultureInfo.InvariantCulture, $$"""{"delta":{{delta}},"reason":"feed","source":"{{source}}","sequence":{{sequence}}}""");

    private static string Count(long sequence, long onHand) => string.Create(
        CultureInfo.InvariantCulture, $$"""{"onHand":{{onHand}},"reason":"inventory","source":"warehouse-1","sequence":{{sequence}}}""");
}
