namespace Holdfast.Tests.Api.Reservations;

/// <summary>What is asked of a hold, and what is kept with it.</summary>
[Collection(HttpRing.Name)]
public sealed class ReservationVerbTests(HttpHost http)
{
    [Fact]
    public async Task A_hold_says_for_whom_it_is()
    {
        var path = $"/v1/products/{await http.Product(5)}/reservations";
        const string Body = """{"quantity":2,"customerId":"c-1","reference":"cart-9"}""";
        var made = (await http.Post(path, Body, "k")).Is(201);
        Assert.Equal(("c-1", "cart-9"), (made.Text("customerId"), made.Text("reference")));
        Assert.Equal(made.Body, (await http.Get(made.Location!)).Is(200).Body);
        Assert.Equal(made.Body, (await http.Post(path, Body, "k")).Is(201).Body);
        foreach (var other in new[] { Body.Replace("c-1", "c-2"), Body.Replace("cart-9", "x"), """{"quantity":2}""" })
            (await http.Post(path, other, "k")).IsProblem(422, "idempotency_key_reused");

        var plain = (await http.Post(path, """{"quantity":1}""")).Is(201);
        Assert.False(plain.Json.TryGetProperty("customerId", out _) || plain.Json.TryGetProperty("reference", out _));
    }

    [Fact]
    public async Task A_part_is_sold_and_the_rest_is_free()
    {
        var sku = await http.Product(9);
        var made = (await http.Post($"/v1/products/{sku}/reservations", """{"quantity":5}""")).Is(201);
        (await http.Post(made.Location + "/commit", """{"quantity":6}""", "k")).IsBad(422, "quantity");

        var sold = (await http.Post(made.Location + "/commit", """{"quantity":2}""", "k")).Is(200);
        Assert.Equal((5L, 2L, "committed"), (sold.Number("quantity"), sold.Number("committedQuantity"), sold.Text("status")));
        var again = (await http.Post(made.Location + "/commit", """{"quantity":2}""", "k")).Is(200);
        Assert.Equal((sold.Body, true), (again.Body, again.Replayed));
        Assert.True((await http.Post(made.Location + "/commit", """{"quantity":2}""")).Is(200).Replayed);
        (await http.Post(made.Location + "/commit", """{"quantity":3}""", "k")).IsProblem(422, "idempotency_key_reused");
        var refused = (await http.Post(made.Location + "/commit", null)).IsProblem(409, "already_committed");
        Assert.Equal("committed", refused.Text("reservationStatus"));

        Assert.Equal(sold.Body, (await http.Get(made.Location!)).Is(200).Body);
        var stock = await http.Get($"/v1/products/{sku}/stock");
        Assert.Equal((7L, 0L, 7L), (stock.Number("onHand"), stock.Number("reserved"), stock.Number("available")));
        var movement = (await http.Get($"/v1/products/{sku}/movements?limit=1")).Json.GetProperty("items")[0];
        Assert.Equal(-2, movement.GetProperty("delta").GetInt64());
    }

    [Fact]
    public async Task A_commit_of_all_needs_no_body_or_an_empty_one()
    {
        var path = $"/v1/products/{await http.Product(9)}/reservations";
        foreach (var body in new[] { null, "{}", """{"quantity":2}""" })
        {
            var made = (await http.Post(path, """{"quantity":2}""")).Is(201);
            Assert.Equal(2, (await http.Post(made.Location + "/commit", body)).Is(200).Number("committedQuantity"));
        }
    }

    [Fact]
    public async Task A_hold_is_extended_once_a_key_and_never_ends_earlier()
    {
        var path = $"/v1/products/{await http.Product(5)}/reservations";
        var made = (await http.Post(path, """{"quantity":2,"ttlSeconds":600}""")).Is(201);
        var longer = (await http.Post(made.Location + "/extend", """{"ttlSeconds":3600}""", "k")).Is(200);
        Assert.True(Ends(longer) - Ends(made) > TimeSpan.FromSeconds(2_900), $"{made.Body} then {longer.Body}");
        Assert.Equal(longer.Body, (await http.Get(made.Location!)).Is(200).Body);

        var again = (await http.Post(made.Location + "/extend", """{"ttlSeconds":3600}""", "k")).Is(200);
        Assert.Equal((longer.Body, true), (again.Body, again.Replayed));
        (await http.Post(made.Location + "/extend", """{"ttlSeconds":3601}""", "k")).IsProblem(422, "idempotency_key_reused");
        Assert.Equal(Ends(longer), Ends((await http.Post(made.Location + "/extend", """{"ttlSeconds":1}""")).Is(200)));
    }

    [Fact]
    public async Task What_has_ended_is_not_extended()
    {
        var path = $"/v1/products/{await http.Product(5)}/reservations";
        foreach (var (verb, status) in new[] { ("commit", "committed"), ("release", "released") })
        {
            var made = (await http.Post(path, """{"quantity":1}""")).Is(201);
            (await http.Post($"{made.Location}/{verb}", null)).Is(200);
            var refused = (await http.Post(made.Location + "/extend", """{"ttlSeconds":60}""")).IsProblem(409, "already_" + status);
            Assert.Equal(status, refused.Text("reservationStatus"));
        }

        var brief = (await http.Post(path, """{"quantity":1,"ttlSeconds":1}""")).Is(201);
        await Eventually.True(
            async () => (await http.Get(brief.Location!)).Text("status") == "expired", static () => "the hold of a second ends");
        var over = (await http.Post(brief.Location + "/extend", """{"ttlSeconds":60}""")).IsProblem(409, "reservation_expired");
        Assert.Equal("expired", over.Text("reservationStatus"));
        foreach (var id in new[] { "res_0123456789abcdef0123456789abcdef", "x" })
            (await http.Post($"{path}/{id}/extend", """{"ttlSeconds":60}""")).IsProblem(404, "reservation_not_found");
    }

    [Theory]
    [InlineData("commit")]
    [InlineData("release")]
    public async Task A_repeat_under_its_key_is_told_so_and_a_key_is_for_one_request(string verb)
    {
        var path = $"/v1/products/{await http.Product(5)}/reservations";
        var made = (await http.Post(path, """{"quantity":1}""")).Is(201);
        var first = (await http.Post($"{made.Location}/{verb}", null, "k")).Is(200);
        Assert.False(first.Replayed);
        var again = (await http.Post($"{made.Location}/{verb}", null, "k")).Is(200);
        Assert.Equal((first.Body, true), (again.Body, again.Replayed));
    }

    [Theory]
    [InlineData("", """{"quantity":1,"customerId":" "}""", 422, "customerId")]
    [InlineData("", """{"quantity":1,"customerId":7}""", 400, "customerId")]
    [InlineData("", """{"quantity":1,"reference":""}""", 422, "reference")]
    [InlineData("", """{"quantity":1,"reference":"a\u0000"}""", 422, "reference")]
    [InlineData("", """{"quantity":1,"metadata":{}}""", 400, "metadata")]
    [InlineData("/res_0123456789abcdef0123456789abcdef/commit", """{"quantity":0}""", 422, "quantity")]
    [InlineData("/res_0123456789abcdef0123456789abcdef/commit", """{"quantity":"1"}""", 400, "quantity")]
    [InlineData("/res_0123456789abcdef0123456789abcdef/commit", """{"amount":1}""", 400, "amount")]
    [InlineData("/res_0123456789abcdef0123456789abcdef/commit", "null", 400, "body")]
    [InlineData("/res_0123456789abcdef0123456789abcdef/extend", """{"ttlSeconds":0}""", 422, "ttlSeconds")]
    [InlineData("/res_0123456789abcdef0123456789abcdef/extend", """{"ttlSeconds":604801}""", 422, "ttlSeconds")]
    [InlineData("/res_0123456789abcdef0123456789abcdef/extend", "{}", 400, "ttlSeconds")]
    public async Task A_bad_request_is_refused(string path, string body, int status, string place) =>
        (await http.Post("/v1/products/x/reservations" + path, body)).IsBad(status, place);

    private static DateTimeOffset Ends(Answer answer) => answer.Json.GetProperty("expiresAt").GetDateTimeOffset();
}
