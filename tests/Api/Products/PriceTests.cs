using System.Globalization;
using System.Text.Json;

namespace Holdfast.Tests.Api.Products;

[Collection(HttpRing.Name)]
public sealed class PriceTests(HttpHost http)
{
    private const string Christmas = """
        {"unitPrice":{"amount":80,"currency":"EUR"},"from":"2999-12-24T00:00:00Z","to":"2999-12-27T00:00:00Z"}
        """;
    private const string NewYear = """{"unitPrice":{"amount":70,"currency":"EUR"},"from":"2999-12-31T00:00:00.000Z"}""";

    [Fact]
    public async Task Prices_that_begin_and_end_are_put_and_read_beside_the_products_own()
    {
        var path = await Product();
        Assert.Equal("""{"amount":100,"currency":"EUR"}""", Now((await http.Get(path)).Is(200)));
        var product = (await http.Get(ProductOf(path))).Is(200);

        var put = (await http.Put(path, Body(Christmas, NewYear))).Is(200);
        Assert.Equal(
            $$$"""
            {"sku":"{{{put.Text("sku")}}}","unitPrice":{"amount":100,"currency":"EUR"},"now":{"unitPrice":{"amount":100,"currency":"EUR"},
            "until":"2999-12-24T00:00:00.000Z"},"prices":[
            {"unitPrice":{"amount":80,"currency":"EUR"},"from":"2999-12-24T00:00:00.000Z","to":"2999-12-27T00:00:00.000Z"},
            {"unitPrice":{"amount":70,"currency":"EUR"},"from":"2999-12-31T00:00:00.000Z","to":null}],"version":2}
            """.ReplaceLineEndings(""),
            put.Body);
        Assert.Equal($"product/{put.Text("sku")}@2", put.Headers["Holdfast-Version"]);
        Assert.Null(put.ETag);
        Assert.Equal(put.Body, (await http.Get(path)).Is(200).Body);

        // What the shop shows of the product, and its version, are as before; its list has seen the change.
        var shown = (await http.Get(ProductOf(path))).Is(200);
        Assert.Equal((product.Body, product.ETag), (shown.Body, shown.ETag));
        var seen = ("Holdfast-At-Least", put.Headers["Holdfast-Version"]);
        var listed = (await http.Get($"/v1/products?query={put.Text("sku")}", seen)).Is(200);
        Assert.Equal(product.Body, Assert.Single(listed.Json.GetProperty("items").EnumerateArray()).GetRawText());
    }

    [Fact]
    public async Task What_holds_now_is_what_is_paid_now_and_what_was_paid_stays_paid()
    {
        var path = await Product();
        Assert.Equal(100, await Paid(path));

        (await http.Put(path, Body("""{"unitPrice":{"amount":60,"currency":"EUR"}}"""))).Is(200);
        var running = (await http.Get(path)).Is(200);
        Assert.Equal("""{"amount":60,"currency":"EUR"}""", Now(running));
        Assert.Equal(60, await Paid(path));

        // Whoever sends back what was read, with something behind it, lets it go on.
        var price = running.Json.GetProperty("prices")[0].GetRawText();
        var more = (await Over(path, running, price.Replace("null", "\"2999-12-01T00:00:00Z\""), NewYear)).Is(200);
        Assert.Equal(
            running.Json.GetProperty("prices")[0].GetProperty("from").GetString(),
            more.Json.GetProperty("prices")[0].GetProperty("from").GetString());
        Assert.Equal(60, await Paid(path));

        var none = (await Over(path, more)).Is(200);
        Assert.Equal(("[]", """{"amount":100,"currency":"EUR"}"""), (none.Json.GetProperty("prices").GetRawText(), Now(none)));
        Assert.Equal(100, await Paid(path));
    }

    [Fact]
    public async Task Others_are_not_put_over_unseen()
    {
        var path = await Product();
        var first = (await http.Put(path, Body(Christmas))).Is(200);
        Assert.Equal(first.Body, (await http.Put(path, Body(Christmas))).Is(200).Body);

        Assert.Equal(2, (await http.Put(path, Body(NewYear))).IsProblem(428, "precondition_required").Number("currentVersion"));
        var stale = await http.Put(path, Body(NewYear), ("If-Match", "\"1\""));
        Assert.Equal(2, stale.IsProblem(412, "version_mismatch").Number("currentVersion"));
        Assert.Equal(first.Body, (await http.Get(path)).Body);
        var second = (await Over(path, first, NewYear)).Is(200);
        Assert.Equal(3, second.Number("version"));
        (await http.Put(path, Body(Christmas), ("If-Match", "*"))).Is(200);
        (await http.Get(path, ("If-None-Match", "\"4\""))).IsProblem(400, "precondition_unsupported");
    }

    [Fact]
    public async Task A_repeat_under_its_key_is_answered_as_the_first_and_changes_nothing()
    {
        var path = await Product();
        var key = ("Idempotency-Key", HttpHost.Name("key"));
        var first = (await http.Put(path, Body(Christmas), key)).Is(200);
        var second = (await Over(path, first, NewYear)).Is(200);

        var again = (await http.Put(path, Body(Christmas), key)).Is(200);
        Assert.True(again.Replayed);
        Assert.Equal(second.Body, again.Body);
        (await http.Put(path, Body(NewYear), key)).IsProblem(422, "idempotency_key_reused");
        (await http.Put(path, Body(Christmas, NewYear), key)).IsProblem(422, "idempotency_key_reused");
        Assert.Equal(second.Body, (await http.Get(path)).Body);
    }

    [Theory]
    [InlineData(400, "body", "[]")]
    [InlineData(400, "prices", "{}")]
    [InlineData(400, "prices", """{"prices":null}""")]
    [InlineData(400, "prices[0]", """{"prices":[null]}""")]
    [InlineData(400, "prices[0].unitPrice", """{"prices":[{"from":"2999-01-01T00:00:00Z"}]}""")]
    [InlineData(400, "prices[0].price", """{"prices":[{"price":1}]}""")]
    [InlineData(400, "prices[0].from", """{"prices":[{"unitPrice":{"amount":1,"currency":"EUR"},"from":"tomorrow"}]}""")]
    [InlineData(400, "prices[0].to", """{"prices":[{"unitPrice":{"amount":1,"currency":"EUR"},"to":1}]}""")]
    [InlineData(422, "prices[0].unitPrice.amount", """{"prices":[{"unitPrice":{"amount":-1,"currency":"EUR"}}]}""")]
    [InlineData(422, "prices[0].unitPrice.currency", """{"prices":[{"unitPrice":{"amount":1,"currency":"EURO"}}]}""")]
    [InlineData(422, "prices[1].from", """
        {"prices":[{"unitPrice":{"amount":1,"currency":"EUR"},"to":"2999-01-02T00:00:00Z"},{"unitPrice":{"amount":1,"currency":"EUR"}}]}
        """)]
    [InlineData(422, "prices[0].to", """
        {"prices":[{"unitPrice":{"amount":1,"currency":"EUR"},"from":"2999-01-02T00:00:00Z","to":"2999-01-02T00:00:00.0009Z"}]}
        """)]
    [InlineData(422, "prices[1].from", """
        {"prices":[{"unitPrice":{"amount":1,"currency":"EUR"},"from":"2999-01-02T00:00:00Z","to":"2999-01-03T00:00:00Z"},
        {"unitPrice":{"amount":1,"currency":"EUR"},"from":"2999-01-01T00:00:00Z","to":"2999-01-02T00:00:00Z"}]}
        """)]
    public async Task What_is_no_schedule_is_refused_and_changes_nothing(int status, string place, string body)
    {
        var path = await Product();
        var before = (await http.Put(path, Body(Christmas))).Is(200);

        (await http.Put(path, body, ("If-Match", "*"))).IsBad(status, place);
        Assert.Equal(before.Body, (await http.Get(path)).Body);
    }

    [Theory]
    [InlineData(Christmas, Christmas, 0)]
    [InlineData(NewYear, """{"unitPrice":{"amount":70,"currency":"EUR"},"from":"2999-12-31T00:00:01Z"}""", 0)]
    [InlineData(Christmas, """{"unitPrice":{"amount":70,"currency":"EUR"},"from":"2999-12-26T23:59:59.999Z"}""", 0)]
    [InlineData("""{"unitPrice":{"amount":70,"currency":"EUR"},"to":"2999-12-24T00:00:00.001Z"}""", Christmas, 0)]
    public async Task Two_that_overlap_are_both_named(string first, string second, int place)
    {
        var path = await Product();
        var refused = (await http.Put(path, Body(first, second))).IsProblem(422, "prices_overlap");
        refused.Blames($"prices[{place}]").Blames($"prices[{place + 1}]");
        Assert.Equal(["overlaps", "overlaps"], refused.Json.GetProperty("errors").EnumerateArray().Select(Code));
        Assert.Equal(0, (await http.Get(path)).Number("version"));

        static string? Code(JsonElement error) => error.GetProperty("code").GetString();
    }

    [Fact]
    public async Task What_was_the_price_and_another_currency_are_refused_with_what_is_there()
    {
        var path = await Product();
        var before = DateTimeOffset.Parse(
            (await http.Get(ProductOf(path))).Text("createdAt")!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
        var past = (await http.Put(path, Body(Christmas.Replace("2999-12-24", "2026-11-01")))).IsProblem(409, "price_in_past");
        past.Blames("prices[0]");
        Assert.InRange(past.Json.GetProperty("now").GetDateTimeOffset(), before, before.AddMinutes(10));

        var foreign = (await http.Put(path, Body(Christmas, NewYear.Replace("EUR", "USD")))).IsProblem(409, "price_in_other_currency");
        Assert.Equal("EUR", foreign.Blames("prices[1].unitPrice.currency").Text("currency"));
        Assert.Equal(0, (await http.Get(path)).Number("version"));
        (await http.Put($"/v1/products/{HttpHost.Name("none")}/prices", Body(Christmas))).IsProblem(404, "product_not_found");
        (await http.Get($"/v1/products/{HttpHost.Name("none")}/prices")).IsProblem(404, "product_not_found");
    }

    [Fact]
    public async Task While_prices_are_to_come_the_product_keeps_its_currency()
    {
        var path = await Product();
        (await http.Put(path, Body(Christmas))).Is(200);
        var product = (await http.Get(ProductOf(path))).Is(200);
        const string Dollars = """{"unitPrice":{"currency":"USD"}}""";

        var patched = (await http.Patch(ProductOf(path), Dollars)).IsProblem(409, "currency_scheduled");
        Assert.Equal("EUR", patched.Text("currency"));
        var replaced = await http.Put(
            ProductOf(path), """{"name":"x","unitPrice":{"amount":1,"currency":"USD"}}""", ("If-Match", product.ETag!));
        Assert.Equal("EUR", replaced.IsProblem(409, "currency_scheduled").Text("currency"));
        Assert.Equal(product.Body, (await http.Get(ProductOf(path))).Body);

        (await http.Put(path, Body(), ("If-Match", "*"))).Is(200);
        (await http.Patch(ProductOf(path), Dollars)).Is(200);
    }

    [Fact]
    public async Task What_was_known_of_the_prices_at_a_time_stays_as_it_was()
    {
        var path = await Product();
        var created = (await http.Get(ProductOf(path))).Is(200).Json.GetProperty("createdAt").GetDateTimeOffset();
        var first = (await http.Put(path, Body("""{"unitPrice":{"amount":60,"currency":"EUR"}}"""))).Is(200);
        var begins = first.Json.GetProperty("prices")[0].GetProperty("from").GetDateTimeOffset();
        await Eventually.True(
            async () => (await http.Post($"{ProductOf(path)}/adjustments", """{"delta":1,"reason":"received"}"""))
                .Is(201).Json.GetProperty("at").GetDateTimeOffset() > begins,
            () => $"the product's time goes on after {begins:O}");
        (await Over(path, first, NewYear)).Is(200);
        Assert.Equal(first.Body, (await http.Get($"{path}?knownAt={Text(begins)}")).Is(200).Body);

        // Before it was put, and before there was a product.
        if (begins > created)
        {
            var before = (await http.Get($"{path}?knownAt={Text(begins.AddMilliseconds(-1))}")).Is(200);
            Assert.Equal(("[]", """{"amount":100,"currency":"EUR"}"""), (before.Json.GetProperty("prices").GetRawText(), Now(before)));
        }

        (await http.Get($"{path}?knownAt={Text(created.AddMilliseconds(-1))}")).IsProblem(404, "prices_not_known");
        (await http.Get($"{path}?knownAt=yesterday")).IsProblem(400, "malformed");
        Assert.Equal((await http.Get(path)).Is(200).Body, (await http.Get($"{path}?knownAt=2999-01-01T00:00:00Z")).Is(200).Body);

        static string Text(DateTimeOffset time) =>
            time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task A_product_has_at_most_a_hundred_of_them()
    {
        var path = await Product();
        (await http.Put(path, Many(101))).IsBad(422, "prices");
        Assert.Equal(100, (await http.Put(path, Many(100))).Is(200).Json.GetProperty("prices").GetArrayLength());

        static string Many(int count) => Body([.. Enumerable.Range(0, count).Select(static i => string.Create(
            CultureInfo.InvariantCulture,
            $$$"""
            {"unitPrice":{"amount":{{{i}}},"currency":"EUR"},"from":"{{{2100 + i}}}-01-01T00:00:00Z","to":"{{{2101 + i}}}-01-01T00:00:00Z"}
            """))]);
    }

    private static string Body(params string[] prices) => $$"""{"prices":[{{string.Join(',', prices)}}]}""";

    private static string Now(Answer answer) => answer.Json.GetProperty("now").GetProperty("unitPrice").GetRawText();

    private static string ProductOf(string path) => path[..path.LastIndexOf('/')];

    private Task<Answer> Over(string path, Answer seen, params string[] prices) =>
        http.Put(path, Body(prices), ("If-Match", $"\"{seen.Number("version")}\""));

    /// <summary>By an order of one.</summary>
    private async Task<long> Paid(string path)
    {
        var sku = ProductOf(path)["/v1/products/".Length..];
        (await http.Post($"/v1/products/{sku}/adjustments", """{"delta":1,"reason":"received"}""")).Is(201);
        var order = (await http.Order("tok_ok", (sku, 1))).Is(200);
        Assert.Equal("completed", order.Text("status"));
        return order.Json.GetProperty("payment").GetProperty("captured").GetProperty("amount").GetInt64();
    }

    /// <summary>The path of a new product's prices.</summary>
    private async Task<string> Product() => $"/v1/products/{await http.Product(0)}/prices";
}
