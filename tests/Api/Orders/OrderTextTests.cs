namespace Holdfast.Tests.Api.Orders;

/// <summary>What a shop says of its own order.</summary>
[Collection(HttpRing.Name)]
public sealed class OrderTextTests(HttpHost http)
{
    [Fact]
    public async Task An_order_keeps_what_the_shop_says_of_it()
    {
        var order = await Place(""","reference":"A-7","metadata":{"z":"last","a b":"one/two","":"x"}""", 422);
        order.IsProblem(422, "out_of_bounds").Blames("metadata.");
        order = await Place(""","reference":"A-7","metadata":{"z":"last","a b":"one/two"}""");
        foreach (var answer in new[] { order, await http.Get("/v1/orders/" + order.Text("id")) })
            Assert.Equal(("A-7", """{"a b":"one/two","z":"last"}"""), (answer.Text("reference"), Metadata(answer)));
    }

    [Fact]
    public async Task What_is_said_of_it_belongs_to_the_key_but_for_its_order()
    {
        var (sku, key) = (await http.Product(9), HttpHost.Name("key"));
        (await http.Post("/v1/orders", Body(sku, ""","metadata":{"a":"1","b":"2"}"""), key)).Is(202);
        Assert.True((await http.Post("/v1/orders", Body(sku, ""","metadata":{"b":"2","a":"1"}"""), key)).Is(202).Replayed);
        string[] others =
            ["", ""","metadata":{"a":"1","b":"3"}""", ""","metadata":{"a":"1"}""", ""","reference":"x","metadata":{"a":"1","b":"2"}"""];
        foreach (var other in others)
            (await http.Post("/v1/orders", Body(sku, other), key)).IsProblem(422, "idempotency_key_reused");
    }

    [Fact]
    public async Task A_patch_changes_what_it_names_and_removes_what_is_null()
    {
        var path = "/v1/orders/" + (await Place(""","reference":"A-7","metadata":{"a":"1","b":"2"}""")).Text("id");
        var seen = (await http.Get(path)).Is(200).ETag!;

        var patched = (await http.Patch(path, """{"metadata":{"b":null,"c":"3"}}""", ("If-Match", seen))).Is(200);
        Assert.Equal(("A-7", """{"a":"1","c":"3"}"""), (patched.Text("reference"), Metadata(patched)));
        Assert.NotEqual(seen, patched.ETag);
        (await http.Patch(path, """{"reference":"A-8"}""", ("If-Match", seen))).IsProblem(412, "version_mismatch");
        Assert.Null((await http.Patch(path, """{"reference":null}""")).Is(200).Text("reference"));
        Assert.Equal("{}", Metadata((await http.Patch(path, """{"metadata":null}""")).Is(200)));
        Assert.Equal("{}", Metadata((await http.Get(path)).Is(200)));
        var newest = (await http.Get(path + "/history?limit=1")).Is(200).Json.GetProperty("items")[0];
        Assert.Equal("described", newest.GetProperty("what").GetString());
    }

    [Fact]
    public async Task Many_small_patches_do_not_add_up_to_more_than_an_order_may_have()
    {
        var path = "/v1/orders/" + (await Place("")).Text("id");
        var fifty = string.Join(',', Enumerable.Range(0, 50).Select(static i => $"\"n{i}\":\"{i}\""));
        (await http.Patch(path, $$$"""{"metadata":{{{{fifty}}}}}""")).Is(200);
        (await http.Patch(path, """{"metadata":{"one more":"x"}}""")).IsProblem(422, "too_much_metadata");
        (await http.Patch(path, """{"metadata":{"n0":null,"one more":"x"}}""")).Is(200);
        var others = string.Join(',', Enumerable.Range(1, 49).Select(static i => $"\"n{i}\":null,\"m{i}\":\"{i}\""));
        (await http.Patch(path, $$$"""{"metadata":{{{{others}}}}}""")).Is(200);
    }

    [Fact]
    public async Task A_verb_keeps_its_key_however_often_the_order_is_patched()
    {
        var path = "/v1/orders/" + (await Place("", token: "tok_slow")).Text("id");
        var key = HttpHost.Name("key");
        (await http.Post(path + "/cancel", """{"reason":"customer"}""", key)).Is(202);
        var patch = ("Idempotency-Key", HttpHost.Name("key"));
        (await http.Patch(path, """{"reference":"first"}""", patch)).Is(200);
        for (var i = 0; i < 120; i++) (await http.Patch(path, $$"""{"reference":"{{i}}"}""")).Is(200);
        Assert.True((await http.Post(path + "/cancel", """{"reason":"customer"}""", key)).Replayed);
        Assert.True((await http.Patch(path, """{"reference":"first"}""", patch)).Is(200).Replayed);
        var before = (await http.Get(path)).Is(200);
        Assert.Equal("119", before.Text("reference"));
        Assert.Equal(before.ETag, (await http.Patch(path, """{"reference":"119"}""")).Is(200).ETag);
    }

    [Theory]
    [InlineData("[]", 400, "body")]
    [InlineData("""{"reference":7}""", 400, "reference")]
    [InlineData("""{"reference":""}""", 422, "reference")]
    [InlineData("""{"reference":"\ud800"}""", 400, "reference")]
    [InlineData("""{"metadata":[]}""", 400, "metadata")]
    [InlineData("""{"metadata":{"a":1}}""", 400, "metadata.a")]
    [InlineData("""{"metadata":{"a":"b\u0000"}}""", 422, "metadata.a")]
    [InlineData("""{"metadata":{"a":"1","a":"2"}}""", 400, "body")]
    [InlineData("""{"status":"completed"}""", 400, "status")]
    public async Task A_bad_patch_is_refused(string body, int status, string place) =>
        (await http.Patch("/v1/orders/ord_0123456789abcdef0123456789abcdef", body)).IsBad(status, place);

    [Theory]
    [InlineData(""","reference":" " """, 422, "reference")]
    [InlineData(""","metadata":{"a":null}""", 400, "metadata.a")]
    [InlineData(""","metadata":[]""", 400, "metadata")]
    [InlineData(
        ""","metadata":{"1234567890123456789012345678901234567890n":"x"}""", 422, "metadata.1234567890123456789012345678901234567890n")]
    public async Task What_an_order_cannot_keep_is_refused(string text, int status, string place) =>
        (await http.Post("/v1/orders", Body("x", text))).IsBad(status, place);

    [Fact]
    public async Task An_unknown_order_cannot_be_patched() =>
        (await http.Patch("/v1/orders/ord_0123456789abcdef0123456789abcdef", "{}", ("If-Match", "*"))).IsProblem(404, "order_not_found");

    private async Task<Answer> Place(string text, int status = 200, string token = "tok_ok")
    {
        (string, string)[] headers = token == "tok_ok" ? [("Prefer", "wait=30")] : [];
        var order = await http.Post("/v1/orders", Body(await http.Product(9), text, token), null, headers);
        return order.Is(token == "tok_ok" ? status : 202);
    }

    private static string Body(string sku, string text, string token = "tok_ok") =>
        $$"""{"customerId":"c-1","paymentToken":"{{token}}","lines":[{"sku":"{{sku}}","quantity":1}]{{text}}}""";

    private static string Metadata(Answer answer) => answer.Json.GetProperty("metadata").GetRawText();
}
