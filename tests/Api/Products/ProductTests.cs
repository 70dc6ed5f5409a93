namespace Holdfast.Tests.Api.Products;

[Collection(HttpRing.Name)]
public sealed class ProductTests(HttpHost http)
{
    private const string Teapot = """{"name":"Teapot","unitPrice":{"amount":1999,"currency":"EUR"}}""";

    [Fact]
    public async Task A_product_is_created_then_replaced_and_read_with_its_etag()
    {
        var path = "/v1/products/" + HttpHost.Name("SKU");
        var created = (await http.Put(path, Teapot)).Is(201);
        Assert.Equal(path, created.Location);

        var replaced = (await http.Put(path, Teapot.Replace("1999", "2099"), ("If-Match", created.ETag!))).Is(200);
        Assert.NotEqual(created.ETag, replaced.ETag);

        var read = (await http.Get(path)).Is(200);
        Assert.Equal(replaced.Body, read.Body);
        Assert.Equal(replaced.ETag, read.ETag);
        Assert.Equal($"\"{read.Number("version")}\"", read.ETag);
        Assert.Equal(2099, read.Json.GetProperty("unitPrice").GetProperty("amount").GetInt64());
        Assert.Equal("EUR", read.Json.GetProperty("unitPrice").GetProperty("currency").GetString());
    }

    [Theory]
    [InlineData("BANK%20CHARGES", "BANK CHARGES")]
    [InlineData("%C3%A9t%C3%A9-%F0%9F%AB%96", "été-🫖")]
    [InlineData("A%252FB", "A%2FB")]
    [InlineData("A%2FB", "A/B")]
    [InlineData("A%2fC%25", "A/C%")]
    [InlineData("%2F", "/")]
    [InlineData("a;b=c@d", "a;b=c@d")]
    public async Task A_sku_may_have_spaces_slashes_and_letters_of_any_script(string escaped, string sku)
    {
        var created = await http.Put("/v1/products/" + escaped, Teapot);
        Assert.Equal(sku, created.Is(201).Text("sku"));
        Assert.Equal("/v1/products/" + Uri.EscapeDataString(sku), created.Location);
        Assert.Equal(sku, (await http.Get(created.Location!)).Is(200).Text("sku"));
    }

    [Theory]
    [InlineData("A%09B")]
    [InlineData("A%7F")]
    [InlineData("%ED%A0%80")]
    [InlineData("%FF")]
    public async Task A_sku_that_is_no_clean_text_is_refused(string escaped) =>
        (await http.Put("/v1/products/" + escaped, Teapot)).IsProblem(400, "malformed");

    [Fact]
    public async Task A_sku_has_at_most_128_characters()
    {
        (await http.Put("/v1/products/" + new string('x', 128), Teapot)).Is(201);
        (await http.Put("/v1/products/" + new string('x', 129), Teapot)).IsProblem(400, "malformed").Blames("sku");
    }

    [Fact]
    public async Task An_unknown_product_is_not_found() =>
        (await http.Get("/v1/products/" + HttpHost.Name("none"))).IsProblem(404, "product_not_found");

    [Theory]
    [InlineData("""{"name":"","unitPrice":{"amount":1,"currency":"EUR"}}""", "name")]
    [InlineData("""{"name":"a\u0000b","unitPrice":{"amount":1,"currency":"EUR"}}""", "name")]
    [InlineData("""{"name":"x","unitPrice":{"amount":-1,"currency":"EUR"}}""", "unitPrice.amount")]
    [InlineData("""{"name":"x","unitPrice":{"amount":1000000000001,"currency":"EUR"}}""", "unitPrice.amount")]
    [InlineData("""{"name":"x","unitPrice":{"amount":1,"currency":"eur"}}""", "unitPrice.currency")]
    [InlineData("""{"name":"x","unitPrice":{"amount":1,"currency":"EURO"}}""", "unitPrice.currency")]
    [InlineData("""{"name":"x","unitPrice":{"amount":1,"currency":"QQQ"}}""", "unitPrice.currency")]
    [InlineData("""{"name":"x","unitPrice":{"amount":1,"currency":"XAU"}}""", "unitPrice.currency")]
    [InlineData("""{"name":" ","unitPrice":{"amount":1,"currency":"EUR"}}""", "name")]
    public async Task What_is_out_of_bounds_is_named(string body, string field) =>
        (await http.Put("/v1/products/x", body)).IsProblem(422, "out_of_bounds").Blames(field);

    [Theory]
    [InlineData("""{"unitPrice":{"amount":1,"currency":"EUR"}}""", "name")]
    [InlineData("""{"name":"x","unitPrice":{"amount":1}}""", "unitPrice.currency")]
    [InlineData("""{"name":"x","unitPrice":{"amount":1,"currency":"EUR"},"colour":"red"}""", "colour")]
    [InlineData("""{"name":"x","name":"y","unitPrice":{"amount":1,"currency":"EUR"}}""", "name")]
    [InlineData("""{"Name":"x","unitPrice":{"amount":1,"currency":"EUR"}}""", "Name")]
    [InlineData("""{"name":"x","unitPrice":{"amount":"1","currency":"EUR"}}""", "unitPrice.amount")]
    [InlineData("""{"name":"x","unitPrice":{"amount":1.5,"currency":"EUR"}}""", "unitPrice.amount")]
    [InlineData("""{"name":"x","unitPrice":{"amount":"1.5","currency":"EUR"}}""", "unitPrice.amount")]
    [InlineData("""{"name":null,"unitPrice":{"amount":1,"currency":"EUR"}}""", "name")]
    [InlineData("""{"name":"\ud800","unitPrice":{"amount":1,"currency":"EUR"}}""", "name")]
    [InlineData("""{"name":"x","unitPrice":null}""", "unitPrice")]
    public async Task What_cannot_be_read_is_named(string body, string field) =>
        (await http.Put("/v1/products/x", body)).IsProblem(400, "malformed").Blames(field);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{/* comment */}")]
    [InlineData("""{"name":"x",}""")]
    public async Task What_is_not_the_json_of_a_product_is_refused(string body) =>
        (await http.Put("/v1/products/x", body)).IsProblem(400, "malformed");

    [Fact]
    public async Task If_match_replaces_only_the_version_that_was_seen()
    {
        var path = "/v1/products/" + HttpHost.Name("SKU");
        var first = (await http.Put(path, Teapot)).Is(201);
        var second = (await http.Put(path, Teapot, ("If-Match", first.ETag!))).Is(200);

        var stale = (await http.Put(path, Teapot, ("If-Match", first.ETag!))).IsProblem(412, "version_mismatch");
        Assert.Equal(second.Number("version"), stale.Number("currentVersion"));
        (await http.Put(path, Teapot, ("If-Match", "W/" + second.ETag))).IsProblem(412, "version_mismatch");
        (await http.Put(path, Teapot, ("If-Match", "\"other\""))).IsProblem(412, "version_mismatch");
        (await http.Put(path, Teapot, ("If-Match", second.ETag!.Trim('"')))).IsProblem(400, "malformed").Blames("If-Match");

        var third = (await http.Put(path, Teapot, ("If-Match", $"\"other\", {second.ETag}"))).Is(200);
        (await http.Put(path, Teapot, ("If-Match", "*"))).Is(200);
        Assert.NotEqual(second.ETag, third.ETag);
    }

    [Fact]
    public async Task If_match_never_creates()
    {
        var path = "/v1/products/" + HttpHost.Name("SKU");
        (await http.Put(path, Teapot, ("If-Match", "*"))).IsProblem(412, "version_mismatch");
        (await http.Put(path, Teapot, ("If-Match", "\"1\""))).IsProblem(412, "version_mismatch");
        (await http.Get(path)).IsProblem(404, "product_not_found");
    }

    [Fact]
    public async Task If_none_match_star_only_creates()
    {
        var path = "/v1/products/" + HttpHost.Name("SKU");
        (await http.Put(path, Teapot, ("If-None-Match", "*"))).Is(201);
        (await http.Put(path, Teapot, ("If-None-Match", "*"))).IsProblem(412, "version_mismatch");
        (await http.Put(path, Teapot, ("If-None-Match", "\"1\""))).IsProblem(412, "version_mismatch");
        (await http.Put(path, Teapot, ("If-None-Match", "\"7\""))).Is(200);
        (await http.Put(path, Teapot, ("If-None-Match", "7"))).IsProblem(400, "malformed").Blames("If-None-Match");
    }

    [Fact]
    public async Task Nobody_overwrites_what_they_have_not_seen()
    {
        var path = "/v1/products/" + HttpHost.Name("SKU");
        var created = (await http.Put(path, Teapot)).Is(201);
        var refused = (await http.Put(path, Teapot.Replace("1999", "2099"))).IsProblem(428, "precondition_required");
        Assert.Equal(created.Number("version"), refused.Number("currentVersion"));

        // Whoever lost the answer and repeats the request has it: nothing is lost by that.
        var again = (await http.Put(path, Teapot)).Is(200);
        Assert.Equal((created.Body, created.ETag), (again.Body, again.ETag));
        (await http.Put(path, Teapot, ("If-Match", "\"999\""))).IsProblem(412, "version_mismatch");
        Assert.Equal(created.Body, (await http.Get(path)).Is(200).Body);
    }

    [Fact]
    public async Task A_sku_with_a_slash_can_be_sold()
    {
        var sku = HttpHost.Name("BLUE/WHITE");
        var path = "/v1/products/" + Uri.EscapeDataString(sku);
        (await http.Put(path, Teapot)).Is(201);
        var received = (await http.Post(path + "/adjustments", """{"delta":5,"reason":"received"}""", "k")).Is(201);
        Assert.Equal(5, (await http.Get(received.Location!)).Is(200).Number("onHand"));
        Assert.True((await http.Post(path.Replace("%2F", "%2f") + "/adjustments", """{"delta":5,"reason":"received"}""", "k")).Is(201).Replayed);
        var held = (await http.Post(path + "/reservations", """{"quantity":1}""")).Is(201);
        Assert.Equal(sku, (await http.Get(held.Location!)).Is(200).Text("sku"));
        (await http.Post(held.Location + "/commit", null)).Is(200);
        var order = (await http.Order("tok_ok", (sku, 1))).Is(200);
        Assert.Equal(("completed", sku), (order.Text("status"), order.Json.GetProperty("lines")[0].GetProperty("sku").GetString()));
        Assert.Equal((sku, 3L), ((await http.Get(path + "/stock")).Text("sku"), (await http.Get(path + "/stock")).Number("onHand")));

        // Another name, although the server hands on the same text for both.
        (await http.Get("/v1/products/" + sku.Replace("/", "%252F"))).IsProblem(404, "product_not_found");
    }

    [Fact]
    public async Task An_unchanged_product_is_not_sent_again()
    {
        var path = "/v1/products/" + HttpHost.Name("SKU");
        var etag = (await http.Put(path, Teapot)).Is(201).ETag!;
        var unchanged = (await http.Get(path, ("If-None-Match", $"\"other\", W/{etag}"))).Is(304);
        Assert.Equal(etag, unchanged.ETag);
        Assert.Empty(unchanged.Body);
        (await http.Get(path, ("If-None-Match", "*"))).Is(304);
        (await http.Get(path, ("If-None-Match", "\"other\""))).Is(200);
    }
}
