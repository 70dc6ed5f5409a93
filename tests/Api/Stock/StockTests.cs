namespace Holdfast.Tests.Api.Stock;

[Collection(HttpRing.Name)]
public sealed class StockTests(HttpHost http)
{
    [Fact]
    public async Task Stock_tells_what_is_on_hand_reserved_and_available()
    {
        var sku = await http.Product(10);
        (await http.Post($"/v1/products/{sku}/reservations", """{"quantity":3}""")).Is(201);

        var stock = (await http.Get($"/v1/products/{sku}/stock")).Is(200);
        Assert.Equal(sku, stock.Text("sku"));
        Assert.Equal((10L, 3L, 7L), (stock.Number("onHand"), stock.Number("reserved"), stock.Number("available")));
        Assert.Null(stock.ETag);
    }

    [Fact]
    public async Task A_hold_does_not_move_the_version_of_the_stock()
    {
        var sku = await http.Product(10);
        var path = $"/v1/products/{sku}/stock";
        var before = (await http.Get(path)).Is(200);
        (await http.Post($"/v1/products/{sku}/reservations", """{"quantity":3}""")).Is(201);

        // A 304 would hide the hold, so nobody gets one.
        var after = (await http.Get(path)).Is(200);
        Assert.Equal((before.Number("version"), 3, null), (after.Number("version"), after.Number("reserved"), after.ETag));
        (await http.Get(path, ("If-None-Match", $"\"{before.Number("version")}\""))).IsProblem(400, "precondition_unsupported");
        (await http.Put(path, Count(20, before.Number("version")))).Is(200);
    }

    [Fact]
    public async Task A_count_needs_the_version_that_it_was_made_on()
    {
        var sku = await http.Product(5);
        var path = $"/v1/products/{sku}/stock";
        (await http.Put(path, Count(6))).IsProblem(428, "precondition_required");

        var seen = (await http.Get(path)).Is(200).Number("version");
        var set = (await http.Put(path, Count(6, seen))).Is(200);
        Assert.Equal(6, set.Number("onHand"));
        var stale = (await http.Put(path, Count(7, seen))).IsProblem(412, "version_mismatch");
        Assert.Equal((set.Number("version"), 6L), (stale.Number("currentVersion"), stale.Number("onHand")));
        Assert.Equal((0L, 6L), (stale.Number("reserved"), stale.Number("available")));
        (await http.Put(path, Count(8), ("If-Match", "*"))).Is(200);
        (await http.Put(path, Count(8), ("If-Match", $"W/\"{set.Number("version")}\""))).IsProblem(412, "version_mismatch");
    }

    [Fact]
    public async Task A_count_holds_to_the_version_in_its_body_and_to_that_in_its_header()
    {
        var sku = await http.Product(5);
        var path = $"/v1/products/{sku}/stock";
        var seen = (await http.Get(path)).Is(200).Number("version");
        (await http.Put(path, Count(6, seen), ("If-Match", $"\"{seen + 1}\""))).IsProblem(412, "version_mismatch");
        (await http.Put(path, Count(6, seen + 1), ("If-Match", $"\"{seen}\""))).IsProblem(412, "version_mismatch");
        var set = (await http.Put(path, Count(6, seen), ("If-Match", $"\"{seen}\", \"{seen + 1}\""))).Is(200);
        (await http.Put(path, Count(7, set.Number("version")), ("If-Match", "*"))).Is(200);
    }

    [Fact]
    public async Task A_count_before_a_sale_is_refused_with_what_is_there_now()
    {
        var sku = await http.Product(5);
        var path = $"/v1/products/{sku}/stock";
        var seen = (await http.Get(path)).Is(200).Number("version");
        (await http.Order("tok_ok", (sku, 2))).Is(200);
        Assert.Equal(3, (await http.Put(path, Count(5, seen))).IsProblem(412, "version_mismatch").Number("onHand"));
    }

    [Fact]
    public async Task A_count_that_finds_what_was_known_is_a_movement_of_nothing()
    {
        var sku = await http.Product(5);
        var path = $"/v1/products/{sku}/stock";
        var set = (await http.Put(path, """{"onHand":5,"reason":"inventory","reference":"I-26"}""", ("If-Match", "*"))).Is(200);
        var line = (await http.Get($"/v1/products/{sku}/movements")).Is(200).Json.GetProperty("items")[0];
        Assert.Equal(("set", 0L, 5L, set.Number("version"), "inventory", "I-26"), (
            line.GetProperty("kind").GetString(), line.GetProperty("delta").GetInt64(), line.GetProperty("onHand").GetInt64(),
            line.GetProperty("version").GetInt64(), line.GetProperty("reason").GetString(), line.GetProperty("reference").GetString()));
    }

    [Fact]
    public async Task On_hand_never_falls_below_what_is_reserved()
    {
        var sku = await http.Product(10);
        (await http.Post($"/v1/products/{sku}/reservations", """{"quantity":4}""")).Is(201);

        var set = (await http.Put($"/v1/products/{sku}/stock", Count(3), ("If-Match", "*"))).IsProblem(409, "stock_below_reserved");
        Assert.Equal((10L, 4L, 6L), (set.Number("onHand"), set.Number("reserved"), set.Number("available")));
        (await http.Post($"/v1/products/{sku}/adjustments", """{"delta":-7,"reason":"damaged"}""")).IsProblem(409, "stock_below_reserved");
        (await http.Post($"/v1/products/{sku}/adjustments", """{"delta":-6,"reason":"damaged"}""")).Is(201);
    }

    [Fact]
    public async Task An_adjustment_that_was_refused_is_decided_afresh()
    {
        var sku = await http.Product(3);
        var path = $"/v1/products/{sku}/adjustments";
        (await http.Post(path, """{"delta":-4,"reason":"damaged"}""", "k")).IsProblem(409, "stock_below_reserved");
        (await http.Post(path, """{"delta":1,"reason":"received"}""")).Is(201);
        Assert.Equal((0L, false), ((await http.Post(path, """{"delta":-4,"reason":"damaged"}""", "k")).Is(201).Number("onHand"), false));
    }

    [Fact]
    public async Task On_hand_never_passes_the_limit()
    {
        var sku = await http.Product(1_000_000_000);
        (await http.Post($"/v1/products/{sku}/adjustments", """{"delta":1,"reason":"received"}""")).IsProblem(409, "stock_above_limit");
    }

    [Fact]
    public async Task An_adjustment_is_recorded_once_however_often_it_is_sent()
    {
        var sku = await http.Product(0);
        var path = $"/v1/products/{sku}/adjustments";
        const string Body = """{"delta":5,"reason":"received","reference":"PO-7"}""";
        var first = (await http.Post(path, Body, "k1")).Is(201);
        Assert.False(first.Replayed);
        Assert.Equal((sku, 5L, "received", "PO-7", 5L), (
            first.Text("sku"), first.Number("delta"), first.Text("reason"), first.Text("reference"), first.Number("onHand")));

        (await http.Post(path, Body, "k2")).Is(201);
        var replay = (await http.Post(path, """{ "reference": "PO-7", "reason": "received", "delta": 5 }""", "\"k1\"")).Is(201);
        Assert.True(replay.Replayed);
        Assert.Equal(first.Body, replay.Body);
        (await http.Post(path, Body.Replace("5", "6"), "k1")).IsProblem(422, "idempotency_key_reused");
        Assert.Equal(10, (await http.Get($"/v1/products/{sku}/stock")).Is(200).Number("onHand"));
    }

    [Fact]
    public async Task One_key_on_two_products_is_two_adjustments()
    {
        var (one, two) = (await http.Product(0), await http.Product(0));
        Assert.False((await http.Post($"/v1/products/{one}/adjustments", """{"delta":1,"reason":"x"}""", "same")).Is(201).Replayed);
        Assert.False((await http.Post($"/v1/products/{two}/adjustments", """{"delta":1,"reason":"x"}""", "same")).Is(201).Replayed);
    }

    [Theory]
    [InlineData("", new long[] { 5, 4, 3, 2, 1 })]
    [InlineData("&order=desc", new long[] { 5, 4, 3, 2, 1 })]
    [InlineData("&order=asc", new long[] { 1, 2, 3, 4, 5 })]
    public async Task Movements_are_the_ledger_of_on_hand_in_pages(string order, long[] expected)
    {
        const string Late = """{"delta":9,"reason":"received"}""";
        var sku = await http.Product(0);
        for (var delta = 1; delta <= 5; delta++)
            (await http.Post($"/v1/products/{sku}/adjustments", $$"""{"delta":{{delta}},"reason":"received"}""")).Is(201);

        var deltas = new List<long>();
        var query = "?limit=2" + order;
        for (var cursor = ""; cursor is not null;)
        {
            var page = (await http.Get($"/v1/products/{sku}/movements{query}{cursor}")).Is(200);
            Assert.InRange(page.Json.GetProperty("items").GetArrayLength(), 0, 2);
            deltas.AddRange(page.Json.GetProperty("items").EnumerateArray().Select(line => line.GetProperty("delta").GetInt64()));
            cursor = page.Text("next") is { } next ? "&cursor=" + next : null;

            // What comes while somebody reads moves no line.
            if (deltas.Count == 2 && order != "&order=asc") (await http.Post($"/v1/products/{sku}/adjustments", Late)).Is(201);
        }

        Assert.Equal(expected, deltas);
    }

    [Fact]
    public async Task The_location_of_an_adjustment_is_its_line_in_the_ledger()
    {
        var sku = await http.Product(3);
        var made = (await http.Post($"/v1/products/{sku}/adjustments", """{"delta":-1,"reason":"damaged"}""")).Is(201);
        var line = (await http.Get(made.Location!)).Is(200);
        Assert.Equal(("damaged", "adjusted", made.Number("version")), (line.Text("reason"), line.Text("kind"), line.Number("version")));
        foreach (var other in (string[])["0", "1", "99", "-1", "x", "99999999999999999999"])
            (await http.Get($"/v1/products/{sku}/movements/{other}")).IsProblem(404, "movement_not_found");
    }

    [Fact]
    public async Task A_sale_is_a_movement_with_its_reservation()
    {
        var sku = await http.Product(3);
        var held = (await http.Post($"/v1/products/{sku}/reservations", """{"quantity":2}""")).Is(201);
        (await http.Post(held.Location + "/commit", null)).Is(200);

        var sold = (await http.Get($"/v1/products/{sku}/movements")).Is(200).Json.GetProperty("items")[0];
        Assert.Equal(("sold", -2L, 1L, held.Text("id")), (
            sold.GetProperty("kind").GetString(), sold.GetProperty("delta").GetInt64(), sold.GetProperty("onHand").GetInt64(),
            sold.GetProperty("reservation").GetString()));
    }

    [Fact]
    public async Task An_unknown_product_has_no_stock()
    {
        var path = "/v1/products/" + HttpHost.Name("none");
        (await http.Get(path + "/stock")).IsProblem(404, "product_not_found");
        (await http.Get(path + "/movements")).IsProblem(404, "product_not_found");
        (await http.Put(path + "/stock", Count(1), ("If-Match", "*"))).IsProblem(404, "product_not_found");
        (await http.Put(path + "/stock", Count(1), ("If-Match", "\"1\""))).IsProblem(404, "product_not_found");
        (await http.Post(path + "/adjustments", """{"delta":1,"reason":"x"}""")).IsProblem(404, "product_not_found");
    }

    [Theory]
    [InlineData("""{"delta":0,"reason":"x"}""", 422, "delta")]
    [InlineData("""{"delta":1000000001,"reason":"x"}""", 422, "delta")]
    [InlineData("""{"delta":-1000000001,"reason":"x"}""", 422, "delta")]
    [InlineData("""{"delta":1,"reason":""}""", 422, "reason")]
    [InlineData("""{"delta":1,"reason":"a\u0000"}""", 422, "reason")]
    [InlineData("""{"delta":1,"reason":"x","reference":""}""", 422, "reference")]
    [InlineData("""{"delta":1}""", 400, "reason")]
    [InlineData("""{"delta":"1","reason":"x"}""", 400, "delta")]
    public async Task A_bad_adjustment_is_refused(string body, int status, string field) =>
        (await http.Post("/v1/products/x/adjustments", body)).IsBad(status, field);

    [Theory]
    [InlineData("""{"onHand":-1,"reason":"x"}""", 422, "onHand")]
    [InlineData("""{"onHand":1000000001,"reason":"x"}""", 422, "onHand")]
    [InlineData("""{"onHand":true,"reason":"x"}""", 400, "onHand")]
    [InlineData("""{"onHand":1}""", 400, "reason")]
    [InlineData("""{"onHand":1,"reason":" "}""", 422, "reason")]
    [InlineData("""{"onHand":1,"reason":"x","ifVersion":-1}""", 422, "ifVersion")]
    [InlineData("""{"onHand":1,"reason":"x","reference":""}""", 422, "reference")]
    public async Task A_bad_count_is_refused(string body, int status, string field) =>
        (await http.Put("/v1/products/x/stock", body, ("If-Match", "*"))).IsBad(status, field);

    [Theory]
    [InlineData("limit=0", 422, "limit")]
    [InlineData("limit=201", 422, "limit")]
    [InlineData("order=up", 422, "order")]
    [InlineData("limit=many", 400, "limit")]
    [InlineData("limit=5%00", 400, "limit")]
    [InlineData("limit=%205", 400, "limit")]
    [InlineData("limit=%2B5", 400, "limit")]
    [InlineData("after=1", 400, "after")]
    public async Task A_bad_page_is_refused(string query, int status, string field) =>
        (await http.Get("/v1/products/x/movements?" + query)).IsBad(status, field);

    private static string Count(long onHand, long? ifVersion = null) =>
        $$"""{"onHand":{{onHand}},"reason":"inventory"{{(ifVersion is { } seen ? $",\"ifVersion\":{seen}" : "")}}}""";
}
