namespace Holdfast.Tests.Api.Products;

/// <summary>What a shop says of a product besides its name and price, and how it changes a part of it.</summary>
[Collection(HttpRing.Name)]
public sealed class ProductTextTests(HttpHost http)
{
    private const string Teapot = """{"name":"Teapot","unitPrice":{"amount":1999,"currency":"EUR"}}""";
    private const string Said = """
        {"name":"Teapot","unitPrice":{"amount":1999,"currency":"EUR"},"reference":"A-7","metadata":{"z":"last","a b":"one/two"}}
        """;

    [Fact]
    public async Task A_product_keeps_what_the_shop_says_of_it_and_a_put_replaces_all_of_it()
    {
        var path = "/v1/products/" + HttpHost.Name("SKU");
        var created = (await http.Put(path, Said)).Is(201);
        foreach (var answer in new[] { created, await http.Get(path) })
            Assert.Equal(("A-7", """{"a b":"one/two","z":"last"}"""), (answer.Text("reference"), Metadata(answer)));
        Assert.Equal(created.Text("createdAt"), created.Text("updatedAt"));
        Assert.False(created.Json.GetProperty("archived").GetBoolean());

        (await http.Put(path, Said)).Is(200);
        (await http.Put(path, Teapot)).IsProblem(428, "precondition_required");
        (await http.Put(path, Said.Replace("one/two", "two"))).IsProblem(428, "precondition_required");
        var replaced = (await http.Put(path, Teapot, ("If-Match", created.ETag!))).Is(200);
        Assert.Equal((null, "{}"), (replaced.Text("reference"), Metadata(replaced)));
        Assert.Equal(created.Text("createdAt"), replaced.Text("createdAt"));
        Assert.True(string.CompareOrdinal(replaced.Text("updatedAt"), created.Text("updatedAt")) >= 0);
    }

    [Fact]
    public async Task What_is_said_belongs_to_the_key_of_a_put_but_for_its_order()
    {
        var (path, key) = ("/v1/products/" + HttpHost.Name("SKU"), ("Idempotency-Key", HttpHost.Name("key")));
        (await http.Put(path, Said, key)).Is(201);
        var reordered = Said.Replace(""" "z":"last","a b":"one/two" """.Trim(), """ "a b":"one/two","z":"last" """.Trim());
        Assert.NotEqual(Said, reordered);
        Assert.True((await http.Put(path, reordered, key)).Is(201).Replayed);
        string[] others = [Teapot, Said.Replace("A-7", "A-8"), Said.Replace("last", "first"), Said[..^1] + ""","archived":true}"""];
        foreach (var other in others)
            (await http.Put(path, other, key)).IsProblem(422, "idempotency_key_reused");
    }

    [Fact]
    public async Task A_patch_changes_what_it_names_and_removes_what_is_null()
    {
        var path = "/v1/products/" + HttpHost.Name("SKU");
        var seen = (await http.Put(path, Said)).Is(201).ETag!;

        var patched = (await http.Patch(
            path, """{"unitPrice":{"amount":2.1e3},"metadata":{"z":null,"c":"3"},"archived":true}""", ("If-Match", seen))).Is(200);
        Assert.Equal(("Teapot", "A-7"), (patched.Text("name"), patched.Text("reference")));
        Assert.Equal("""{"amount":2100,"currency":"EUR"}""", patched.Json.GetProperty("unitPrice").GetRawText());
        Assert.Equal("""{"a b":"one/two","c":"3"}""", Metadata(patched));
        Assert.True(patched.Json.GetProperty("archived").GetBoolean());
        Assert.NotEqual(seen, patched.ETag);

        (await http.Patch(path, """{"name":"Kettle"}""", ("If-Match", seen))).IsProblem(412, "version_mismatch");
        Assert.Equal(patched.ETag, (await http.Patch(path, """{"reference":"A-7"}""")).Is(200).ETag);
        var cleared = (await http.Patch(path, """{"reference":null,"metadata":null,"archived":null}""")).Is(200);
        Assert.Equal((null, "{}"), (cleared.Text("reference"), Metadata(cleared)));
        Assert.False(cleared.Json.GetProperty("archived").GetBoolean());
        Assert.Equal(cleared.Body, (await http.Get(path)).Is(200).Body);
    }

    [Fact]
    public async Task A_patch_with_a_key_takes_effect_once()
    {
        var path = "/v1/products/" + HttpHost.Name("SKU");
        var seen = ("If-Match", (await http.Put(path, Said)).Is(201).ETag!);
        var key = ("Idempotency-Key", HttpHost.Name("key"));
        (await http.Patch(path, """{"name":"Kettle"}""", key, seen)).Is(200);
        (await http.Patch(path, """{"name":"Mug"}""")).Is(200);

        // Whoever lost the answer and repeats with the same version has their success, and undoes nobody's edit.
        var again = (await http.Patch(path, """{"name":"Kettle"}""", key, seen)).Is(200);
        Assert.Equal((true, "Mug"), (again.Replayed, again.Text("name")));
        (await http.Patch(path, """{"name":"Cup"}""", key, seen)).IsProblem(422, "idempotency_key_reused");
    }

    [Fact]
    public async Task There_has_to_be_something_to_patch_and_a_merge_patch_to_do_it()
    {
        var path = "/v1/products/" + HttpHost.Name("SKU");
        (await http.Patch(path, """{"name":"x"}""")).IsProblem(404, "product_not_found");
        (await http.Patch(path, """{"name":"x"}""", ("If-Match", "*"))).IsProblem(404, "product_not_found");
        (await http.Put(path, Said)).Is(201);
        (await http.Send(HttpMethod.Patch, path, """{"name":"x"}""", [])).IsProblem(415, "unsupported_media_type");
        var fifty = string.Join(',', Enumerable.Range(0, 50).Select(static i => $"\"n{i}\":\"{i}\""));
        (await http.Patch(path, $$$"""{"metadata":{{{{fifty}}}}}""")).IsProblem(422, "too_much_metadata");
    }

    [Theory]
    [InlineData("[]", 400, "body")]
    [InlineData("""{"name":7}""", 400, "name")]
    [InlineData("""{"name":null}""", 400, "name")]
    [InlineData("""{"name":" "}""", 422, "name")]
    [InlineData("""{"unitPrice":null}""", 400, "unitPrice")]
    [InlineData("""{"unitPrice":7}""", 400, "unitPrice")]
    [InlineData("""{"unitPrice":{"amount":null}}""", 400, "unitPrice.amount")]
    [InlineData("""{"unitPrice":{"amount":"7"}}""", 400, "unitPrice.amount")]
    [InlineData("""{"unitPrice":{"amount":1.5}}""", 400, "unitPrice.amount")]
    [InlineData("""{"unitPrice":{"amount":-1}}""", 422, "unitPrice.amount")]
    [InlineData("""{"unitPrice":{"amount":1e16}}""", 422, "unitPrice.amount")]
    [InlineData("""{"unitPrice":{"currency":"eur"}}""", 422, "unitPrice.currency")]
    [InlineData("""{"unitPrice":{"tax":1}}""", 400, "unitPrice.tax")]
    [InlineData("""{"archived":"yes"}""", 400, "archived")]
    [InlineData("""{"reference":""}""", 422, "reference")]
    [InlineData("""{"reference":"\ud800"}""", 400, "reference")]
    [InlineData("""{"metadata":{"a":1}}""", 400, "metadata.a")]
    [InlineData("""{"fulfillment":"shipment"}""", 400, "fulfillment")]
    public async Task A_bad_patch_is_refused(string body, int status, string place) =>
        (await http.Patch("/v1/products/x", body)).IsBad(status, place);

    [Theory]
    [InlineData(""","reference":" " """, 422, "reference")]
    [InlineData(""","metadata":{"a":null}""", 400, "metadata.a")]
    [InlineData(""","metadata":{"a":"b\u0000"}""", 422, "metadata.a")]
    [InlineData(""","archived":null""", 400, "archived")]
    [InlineData(""","archived":1""", 400, "archived")]
    [InlineData(""","fulfillment":"shipment" """, 400, "fulfillment")]
    public async Task What_a_product_cannot_keep_is_refused(string said, int status, string place) =>
        (await http.Put("/v1/products/x", Teapot[..^1] + said + "}")).IsBad(status, place);

    [Fact]
    public async Task What_is_archived_is_not_sold_any_more_but_for_what_is_held()
    {
        var sku = await http.Product(9);
        var (path, reservations) = ($"/v1/products/{sku}", $"/v1/products/{sku}/reservations");
        var held = (await http.Post(reservations, """{"quantity":2}""", "k")).Is(201);
        (await http.Patch(path, """{"archived":true}""")).Is(200);

        (await http.Post(reservations, """{"quantity":1}""")).IsProblem(409, "product_archived");
        Assert.True((await http.Post(reservations, """{"quantity":2}""", "k")).Is(201).Replayed);
        (await http.Post(held.Location + "/commit", null)).Is(200);
        var order = (await http.Order("tok_ok", (sku, 1))).Is(200);
        Assert.Equal(("cancelled", "archived"), (order.Text("status"), order.Text("reason")));
        Assert.Equal("archived", order.Json.GetProperty("shortfalls")[0].GetProperty("reason").GetString());

        (await http.Patch(path, """{"archived":false}""")).Is(200);
        Assert.Equal("completed", (await http.Order("tok_ok", (sku, 1))).Is(200).Text("status"));
    }

    [Fact]
    public async Task An_order_says_of_each_line_why_it_is_short()
    {
        var (archived, scarce, unknown) = (await http.Product(9), await http.Product(1), HttpHost.Name("none"));
        (await http.Patch($"/v1/products/{archived}", """{"archived":true}""")).Is(200);
        var order = (await http.Order("tok_ok", (archived, 2), (scarce, 2), (unknown, 2))).Is(200);

        Assert.Equal(("cancelled", "insufficient_stock"), (order.Text("status"), order.Text("reason")));
        Assert.Equal(
            [(archived, "archived"), (scarce, "insufficient_stock"), (unknown, "unknown_product")],
            order.Json.GetProperty("shortfalls").EnumerateArray().Select(static shortfall =>
                (shortfall.GetProperty("sku").GetString()!, shortfall.GetProperty("reason").GetString()!)));
    }

    private static string Metadata(Answer answer) => answer.Json.GetProperty("metadata").GetRawText();
}
