using System.Text.Json;

namespace Holdfast.Tests.Api.Stock;

[Collection(HttpRing.Name)]
public sealed class BulkTests(HttpHost http)
{
    private const string Path = "/v1/adjustments";

    [Fact]
    public async Task Each_item_has_its_own_result_and_one_that_is_refused_keeps_no_other_from_being_made()
    {
        var (one, two) = (await http.Product(5), await http.Product(5));
        var none = HttpHost.Name("none");
        var seen = (await http.Get($"/v1/products/{two}/stock")).Is(200).Number("version");
        var answer = (await http.Post(Path, Items(
            Delta(one, 3, reference: "PO-7"), Delta(none, 1), Delta(one, -9), Count(two, 4, seen), Delta(one, 1)))).Is(200);

        Assert.Equal(
            [(one, 201, ""), (none, 404, "product_not_found"), (one, 409, "stock_below_reserved"), (two, 200, ""), (one, 201, "")],
            Results(answer).Select(static result => (
                result.GetProperty("sku").GetString(), result.GetProperty("status").GetInt32(),
                result.TryGetProperty("problem", out var problem) ? problem.GetProperty("code").GetString() : "")));
        var made = Results(answer)[0].GetProperty("adjustment");
        Assert.Equal((3L, 8L), (made.GetProperty("delta").GetInt64(), made.GetProperty("onHand").GetInt64()));
        Assert.Equal("PO-7", made.GetProperty("reference").GetString());
        Assert.Equal(4, Results(answer)[3].GetProperty("stock").GetProperty("onHand").GetInt64());
        Assert.Equal((9L, 4L), (await OnHand(one), await OnHand(two)));
    }

    [Fact]
    public async Task A_repeat_makes_what_was_not_made_and_answers_for_the_others_as_at_first()
    {
        var (one, late) = (await http.Product(5), HttpHost.Name("SKU"));
        var (items, key) = (Items(Delta(one, 2), Delta(late, 7), Delta(one, 2)), HttpHost.Name("key"));
        var first = (await http.Post(Path, items, key)).Is(200);
        Assert.Equal([201, 404, 201], Statuses(first));
        (await http.Put($"/v1/products/{late}", """{"name":"x","unitPrice":{"amount":1,"currency":"EUR"}}""")).Is(201);

        var again = (await http.Post(Path, items, key)).Is(200);

        Assert.Equal([201, 201, 201], Statuses(again));
        Assert.Equal([true, false, true], Results(again).Select(static result => result.GetProperty("replayed").GetBoolean()));
        Assert.Equal(Results(first)[2].GetProperty("adjustment").GetRawText(), Results(again)[2].GetProperty("adjustment").GetRawText());
        Assert.Equal((9L, 7L), (await OnHand(one), await OnHand(late)));
    }

    [Fact]
    public async Task A_repeat_in_another_order_of_products_makes_nothing_twice()
    {
        var (one, two) = (await http.Product(5), await http.Product(5));
        var key = HttpHost.Name("key");
        Assert.False((await http.Post(Path, Items(Delta(one, 1), Delta(two, 2), Delta(one, 3)), key)).Is(200).Replayed);

        foreach (var again in (string[])[Items(Delta(two, 2), Delta(one, 1), Delta(one, 3)), Items(Delta(two, 2))])
            Assert.True((await http.Post(Path, again, key)).Is(200).Replayed);

        Assert.Equal((9L, 7L), (await OnHand(one), await OnHand(two)));
    }

    [Fact]
    public async Task A_key_binds_each_item_in_its_place()
    {
        var (one, two) = (await http.Product(5), await http.Product(5));
        var key = HttpHost.Name("key");
        (await http.Post(Path, Items(Delta(one, 1), Delta(two, 1)), key)).Is(200);

        var other = (await http.Post(Path, Items(Delta(one, 2), Delta(two, 1)), key)).Is(200);

        Assert.Equal([422, 201], Statuses(other));
        Assert.Equal("idempotency_key_reused", Results(other)[0].GetProperty("problem").GetProperty("code").GetString());
        Assert.Equal((6L, 6L), (await OnHand(one), await OnHand(two)));
    }

    [Fact]
    public async Task Items_of_one_product_are_made_in_their_order()
    {
        var sku = await http.Product(0);
        var items = Enumerable.Range(0, 60).Select(i => Delta(sku, i % 2 == 0 ? 5 : -5)).ToArray();
        Assert.All(Statuses((await http.Post(Path, Items(items))).Is(200)), static status => Assert.Equal(201, status));
        Assert.Equal(0, await OnHand(sku));
    }

    [Fact]
    public async Task A_thousand_items_with_all_that_they_may_say_fit()
    {
        var skus = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => http.Product(0)));
        var text = new string('茶', 200);
        var items = Enumerable.Range(0, 1_000).Select(i => Delta(skus[i % skus.Length], 1, text, text)).ToArray();
        var answer = (await http.Post(Path, Items(items))).Is(200);
        Assert.Equal(1_000, Statuses(answer).Count(static status => status == 201));
        Assert.Equal(50, await OnHand(skus[7]));
        (await http.Post(Path, Items([.. items, items[0]]))).IsProblem(422, "out_of_bounds").Blames("items");

        // Asked first: the server refuses by the length alone and hangs up, which can come while a client is still sending.
        var tooMuch = Items([Delta("x", 1, new string('a', 4_200_000))]);
        (await http.Post(Path, tooMuch, null, ("Expect", "100-continue"))).IsProblem(413, "payload_too_large");
    }

    [Fact]
    public async Task A_stale_count_says_what_is_there_now()
    {
        var sku = await http.Product(5);
        var answer = (await http.Post(Path, Items(Count(sku, 9, 1)))).Is(200);
        var refused = Results(answer)[0].GetProperty("problem");
        Assert.Equal(answer.Headers["Request-Id"], refused.GetProperty("traceId").GetString());
        Assert.Equal(("version_mismatch", 5L), (refused.GetProperty("code").GetString(), refused.GetProperty("onHand").GetInt64()));
    }

    [Theory]
    [InlineData("""{"items":[]}""", 422, "items")]
    [InlineData("""{"items":[null]}""", 400, "items[0]")]
    [InlineData("""{"items":null}""", 400, "items")]
    [InlineData("""{"items":[{"sku":"a","reason":"x"}]}""", 422, "items[0]")]
    [InlineData("""{"items":[{"sku":"a","reason":"x","delta":1,"onHand":1,"ifVersion":1}]}""", 422, "items[0]")]
    [InlineData("""{"items":[{"sku":"a","reason":"x","onHand":1}]}""", 422, "items[0].ifVersion")]
    [InlineData("""{"items":[{"sku":"a","reason":"x","delta":1,"ifVersion":1}]}""", 422, "items[0].ifVersion")]
    [InlineData("""{"items":[{"sku":"a","reason":"x","delta":1},{"sku":" a","reason":"x","delta":1}]}""", 422, "items[1].sku")]
    [InlineData("""{"items":[{"sku":"a","reason":"x","delta":1},{"sku":"a","reason":"","delta":0}]}""", 422, "items[1].delta")]
    [InlineData("""{"items":[{"sku":"a","reason":"x","delta":1},{"sku":"a","reason":"x","onHand":1,"ifVersion":1}]}""", 422, "items[1]")]
    [InlineData("""{"items":[{"sku":"a","reason":"x","onHand":1,"ifVersion":1},{"sku":"a","reason":"x","delta":1}]}""", 422, "items[0]")]
    [InlineData("""{"items":[{"sku":"a","delta":1}]}""", 400, "items[0].reason")]
    public async Task A_bad_list_is_refused_whole(string body, int status, string place) =>
        (await http.Post(Path, body)).IsBad(status, place);

    private async Task<long> OnHand(string sku) => (await http.Get($"/v1/products/{sku}/stock")).Is(200).Number("onHand");

    private static JsonElement[] Results(Answer answer) => [.. answer.Json.GetProperty("items").EnumerateArray()];

    private static int[] Statuses(Answer answer) =>
        Array.ConvertAll(Results(answer), static result => result.GetProperty("status").GetInt32());

    private static string Items(params string[] items) => $$"""{"items":[{{string.Join(',', items)}}]}""";

    private static string Delta(string sku, long delta, string reason = "received", string? reference = null) =>
        JsonSerializer.Serialize(new { sku, delta, reason, reference });

    private static string Count(string sku, long onHand, long ifVersion) =>
        JsonSerializer.Serialize(new { sku, onHand, ifVersion, reason = "inventory" });
}
