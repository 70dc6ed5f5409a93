namespace Holdfast.Tests.Api.Orders;

/// <summary>What may be asked of an order, and in which words.</summary>
[Collection(HttpRing.Name)]
public sealed class OrderVerbTests(HttpHost http)
{
    private const string Cancel = """{"reason":"customer"}""";
    private const string Unknown = "/v1/orders/ord_0123456789abcdef0123456789abcdef";

    [Fact]
    public async Task Every_answer_with_an_order_says_in_a_header_where_it_is()
    {
        var sku = await http.Product(5);
        var order = (await http.Order("tok_declined", (sku, 2))).Is(200);
        var path = "/v1/orders/" + order.Text("id");
        var unchanged = await http.Get(path, ("If-None-Match", order.ETag!));
        foreach (var answer in new[] { order, await http.Get(path), unchanged, await http.Post(path + "/cancel", Cancel) })
            Assert.Equal("cancelled", answer.Headers["Holdfast-Order-Status"]);
    }

    [Theory]
    [InlineData("cancel", "{}", 400, "reason")]
    [InlineData("cancel", """{"reason":"bored"}""", 400, "reason")]
    [InlineData("cancel", """{"reason":2}""", 400, "reason")]
    [InlineData("cancel", """{"reason":"Fraud"}""", 400, "reason")]
    [InlineData("cancel", """{"reason":"fraud,inventory"}""", 400, "reason")]
    [InlineData("cancel", """{"reason":" fraud"}""", 400, "reason")]
    [InlineData("cancel", """{"reason":"other","note":""}""", 422, "note")]
    [InlineData("retry", "{}", 400, "note")]
    [InlineData("compensate", """{"note":null}""", 400, "note")]
    [InlineData("complete", """{"note":" "}""", 422, "note")]
    [InlineData("resume", """{"note":"a\u0000"}""", 422, "note")]
    [InlineData("resume", """{"note":"a","reason":"customer"}""", 400, "reason")]
    public async Task A_bad_verb_is_refused(string verb, string body, int status, string field) =>
        (await http.Post($"{Unknown}/{verb}", body)).IsBad(status, field);

    [Fact]
    public async Task A_cancel_says_why_and_its_key_binds_what_it_said()
    {
        var sku = await http.Product(3);
        var path = (await http.Post("/v1/orders", HttpHost.OrderBody("tok_slow", (sku, 1)))).Is(202).Location!;
        var key = HttpHost.Name("key");
        var cancelled = (await http.Post(path + "/cancel", """{"reason":"fraud","note":"a stolen card"}""", key)).Is(202);
        Assert.Equal("cancelled_for_fraud", cancelled.Text("reason"));
        (await http.Post(path + "/cancel", """{"reason":"fraud"}""", key)).IsProblem(422, "idempotency_key_reused");
        (await http.Post(path + "/cancel", """{"reason":"other","note":"a stolen card"}""", key)).IsProblem(422, "idempotency_key_reused");
    }
}
