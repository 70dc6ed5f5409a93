namespace Holdfast.Tests.Api.Reservations;

[Collection(HttpRing.Name)]
public sealed class ReservationTests(HttpHost http)
{
    [Fact]
    public async Task A_reservation_holds_units_and_can_be_read_at_its_location()
    {
        var sku = await http.Product(5);
        var made = (await http.Post($"/v1/products/{sku}/reservations", """{"quantity":2,"ttlSeconds":60}""")).Is(201);
        Assert.StartsWith("res_", made.Text("id"), StringComparison.Ordinal);
        Assert.Equal((sku, 2L, "reserved"), (made.Text("sku"), made.Number("quantity"), made.Text("status")));
        Assert.Equal($"/v1/products/{sku}/reservations/{made.Text("id")}", made.Location);
        Assert.Equal(made.Body, (await http.Get(made.Location!)).Is(200).Body);
    }

    [Fact]
    public async Task The_location_of_a_sku_with_spaces_can_be_followed()
    {
        (await http.Put("/v1/products/PACK%20OF%206", """{"name":"x","unitPrice":{"amount":1,"currency":"EUR"}}""")).Is(201);
        (await http.Post("/v1/products/PACK%20OF%206/adjustments", """{"delta":1,"reason":"received"}""")).Is(201);
        var made = (await http.Post("/v1/products/PACK%20OF%206/reservations", """{"quantity":1}""")).Is(201);
        (await http.Get(made.Location!)).Is(200);
    }

    [Fact]
    public async Task More_than_is_available_is_refused_with_the_shortfall()
    {
        var sku = await http.Product(3);
        var refused = (await http.Post($"/v1/products/{sku}/reservations", """{"quantity":5}""")).IsProblem(409, "insufficient_stock");
        Assert.Equal((2L, 3L), (refused.Number("shortfall"), refused.Number("available")));
    }

    [Fact]
    public async Task The_same_key_is_the_same_reservation()
    {
        var sku = await http.Product(5);
        var path = $"/v1/products/{sku}/reservations";
        var first = (await http.Post(path, """{"quantity":2}""", "k")).Is(201);
        var replay = (await http.Post(path, """{"quantity":2,"ttlSeconds":900}""", "k")).Is(201);
        Assert.True(replay.Replayed);
        Assert.Equal(first.Body, replay.Body);
        (await http.Post(path, """{"quantity":3}""", "k")).IsProblem(422, "idempotency_key_reused");
        Assert.Equal(2, (await http.Get($"/v1/products/{sku}/stock")).Number("reserved"));
    }

    [Fact]
    public async Task A_refusal_is_not_recorded_and_the_same_request_is_decided_afresh()
    {
        var sku = await http.Product(3);
        var path = $"/v1/products/{sku}/reservations";
        (await http.Post(path, """{"quantity":5}""", "k")).IsProblem(409, "insufficient_stock");
        (await http.Post($"/v1/products/{sku}/adjustments", """{"delta":1,"reason":"received"}""")).Is(201);
        var again = (await http.Post(path, """{"quantity":5}""", "k")).IsProblem(409, "insufficient_stock");
        Assert.Equal((4L, false), (again.Number("available"), again.Replayed));
        (await http.Post($"/v1/products/{sku}/adjustments", """{"delta":9,"reason":"received"}""")).Is(201);
        Assert.False((await http.Post(path, """{"quantity":5}""", "k")).Is(201).Replayed);
        Assert.True((await http.Post(path, """{"quantity":5}""", "k")).Is(201).Replayed);
    }

    [Fact]
    public async Task A_key_binds_its_body_from_its_first_effect()
    {
        var sku = await http.Product(3);
        var path = $"/v1/products/{sku}/reservations";
        (await http.Post(path, """{"quantity":5}""", "k")).IsProblem(409, "insufficient_stock");
        (await http.Post(path, """{"quantity":2}""", "k")).Is(201);
        (await http.Post(path, """{"quantity":5}""", "k")).IsProblem(422, "idempotency_key_reused");
        Assert.True((await http.Post(path, """{"quantity":2}""", "k")).Is(201).Replayed);
    }

    [Fact]
    public async Task Commit_sells_once()
    {
        var sku = await http.Product(5);
        var made = (await http.Post($"/v1/products/{sku}/reservations", """{"quantity":2}""")).Is(201);
        Assert.Equal("committed", (await http.Post(made.Location + "/commit", null)).Is(200).Text("status"));
        Assert.True((await http.Post(made.Location + "/commit", null)).Is(200).Replayed);
        (await http.Post(made.Location + "/release", null)).IsProblem(409, "already_committed");

        var stock = await http.Get($"/v1/products/{sku}/stock");
        Assert.Equal((3L, 0L), (stock.Number("onHand"), stock.Number("reserved")));
    }

    [Fact]
    public async Task Release_gives_back_once()
    {
        var sku = await http.Product(5);
        var made = (await http.Post($"/v1/products/{sku}/reservations", """{"quantity":2}""")).Is(201);
        Assert.Equal("released", (await http.Post(made.Location + "/release", null)).Is(200).Text("status"));
        Assert.True((await http.Post(made.Location + "/release", null)).Is(200).Replayed);
        (await http.Post(made.Location + "/commit", null)).IsProblem(409, "already_released");

        var stock = await http.Get($"/v1/products/{sku}/stock");
        Assert.Equal((5L, 0L), (stock.Number("onHand"), stock.Number("reserved")));
    }

    [Fact]
    public async Task An_unknown_reservation_is_not_found()
    {
        var sku = await http.Product(1);
        foreach (var id in new[] { "res_0123456789abcdef0123456789abcdef", "res_0123456789ABCDEF0123456789ABCDEF", "ord_1", "x" })
        {
            var path = $"/v1/products/{sku}/reservations/{id}";
            (await http.Get(path)).IsProblem(404, "reservation_not_found");
            (await http.Post(path + "/commit", null)).IsProblem(404, "reservation_not_found");
            (await http.Post(path + "/release", null)).IsProblem(404, "reservation_not_found");
        }
    }

    [Fact]
    public async Task An_unknown_product_cannot_be_reserved() =>
        (await http.Post($"/v1/products/{HttpHost.Name("none")}/reservations", """{"quantity":1}""")).IsProblem(404, "product_not_found");

    [Theory]
    [InlineData("""{"quantity":0}""", 422, "quantity")]
    [InlineData("""{"quantity":-1}""", 422, "quantity")]
    [InlineData("""{"quantity":1000000001}""", 422, "quantity")]
    [InlineData("""{"quantity":1,"ttlSeconds":0}""", 422, "ttlSeconds")]
    [InlineData("""{"quantity":1,"ttlSeconds":604801}""", 422, "ttlSeconds")]
    [InlineData("""{"quantity":"1"}""", 400, "quantity")]
    [InlineData("""{"ttlSeconds":1}""", 400, "quantity")]
    public async Task A_bad_reservation_is_refused(string body, int status, string field) =>
        (await http.Post("/v1/products/x/reservations", body)).IsBad(status, field);

    [Theory]
    [InlineData("")]
    [InlineData("/res_0123456789abcdef0123456789abcdef/commit")]
    [InlineData("/res_0123456789abcdef0123456789abcdef/release")]
    public async Task Every_change_needs_an_idempotency_key(string path)
    {
        var url = "/v1/products/x/reservations" + path;
        (await http.Send(HttpMethod.Post, url, """{"quantity":1}""", [])).IsProblem(400, "idempotency_key_missing");
        (await http.Post(url, """{"quantity":1}""", new string('k', 256))).IsProblem(400, "idempotency_key_invalid");
    }
}
