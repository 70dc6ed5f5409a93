using System.Text.Json;

namespace Holdfast.Tests.Api.Orders;

[Collection(HttpRing.Name)]
public sealed class OrderTests(HttpHost http)
{
    private const string Cancel = """{"reason":"customer"}""";
    private const string Note = """{"note":"the warehouse is back"}""";

    private const string Unknown = "/v1/orders/ord_0123456789abcdef0123456789abcdef";

    [Fact]
    public async Task An_order_is_accepted_at_once_and_completes_on_its_own()
    {
        var sku = await http.Product(5, price: 250);
        var placed = (await http.Post("/v1/orders", HttpHost.OrderBody("tok_ok", (sku, 2)))).Is(202);
        Assert.StartsWith("ord_", placed.Text("id"), StringComparison.Ordinal);
        Assert.Equal("/v1/orders/" + placed.Text("id"), placed.Location);

        var order = await Ended(placed.Location!);
        Assert.Equal(("completed", "captured", "c-1"), (order.Text("status"), order.Payment(), order.Text("customerId")));
        Assert.Equal(500, order.Json.GetProperty("total").GetProperty("amount").GetInt64());
        Assert.Equal(250, order.Json.GetProperty("lines")[0].GetProperty("unitPrice").GetProperty("amount").GetInt64());
        Assert.Equal(3, (await http.Get($"/v1/products/{sku}/stock")).Number("onHand"));
        Assert.Equal([(500L, 0L)], await Captured(order.Text("id")!));
        var payment = order.Json.GetProperty("payment");
        Assert.Equal("""{"amount":500,"currency":"EUR"}""", payment.GetProperty("captured").GetRawText());
        Assert.Equal(JsonValueKind.Null, payment.GetProperty("refunded").ValueKind);
        var attempt = Assert.Single(payment.GetProperty("attempts").EnumerateArray());
        Assert.Equal("captured", attempt.GetProperty("status").GetString());
        Assert.StartsWith("ch_", attempt.GetProperty("id").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_needs_an_operator_is_listed_and_nothing_does()
    {
        var orders = (await http.Get("/v1/attention?limit=200")).Is(200);
        Assert.DoesNotContain(
            orders.Json.GetProperty("items").EnumerateArray(), static item => item.GetProperty("reason").GetString() != "retrying");
        Assert.Equal("""{"items":[],"next":null}""", (await http.Get("/v1/dead-letters")).Is(200).Body);
        (await http.Get("/v1/dead-letters?cursor=tea")).IsProblem(400, "cursor_invalid");
        (await http.Get("/v1/attention?cursor=tea")).IsProblem(400, "cursor_invalid");
        (await http.Get("/v1/attention?limit=201")).IsProblem(422, "out_of_bounds");
        (await http.Get("/v1/dead-letters?limit=0")).IsProblem(422, "out_of_bounds");
    }

    [Fact]
    public async Task Prefer_wait_answers_when_the_order_has_ended()
    {
        var sku = await http.Product(5);
        var order = (await http.Order("tok_ok", (sku, 1))).Is(200);
        Assert.Equal("wait=30", order.Headers["Preference-Applied"]);
        Assert.Equal("completed", order.Text("status"));
        Assert.Equal(order.Body, (await http.Get("/v1/orders/" + order.Text("id"))).Is(200).Body);
        (await http.Get("/v1/orders/" + order.Text("id"), ("If-None-Match", order.ETag!))).Is(304);
    }

    [Fact]
    public async Task Prefer_wait_answers_202_when_the_order_takes_longer()
    {
        var sku = await http.Product(5);
        var placed = await http.Post("/v1/orders", HttpHost.OrderBody("tok_slow", (sku, 1)), null, ("Prefer", "respond-async, wait=1"));
        Assert.Equal("wait=1", placed.Headers["Preference-Applied"]);
        // How slow the slow token is, is the gateway's business; what is promised is that the status and the code agree.
        placed.Is(placed.Text("status") is "completed" or "cancelled" ? 200 : 202);
        Assert.Equal("completed", (await Ended("/v1/orders/" + placed.Text("id"))).Text("status"));
    }

    [Fact]
    public async Task A_declined_payment_cancels_and_gives_the_units_back()
    {
        var sku = await http.Product(5);
        var order = (await http.Order("tok_declined", (sku, 2))).Is(200);
        Assert.Equal(("cancelled", "payment_declined", "declined"), (order.Text("status"), order.Text("reason"), order.Payment()));
        var attempt = Assert.Single(order.Json.GetProperty("payment").GetProperty("attempts").EnumerateArray());
        Assert.Equal("declined", attempt.GetProperty("status").GetString());
        Assert.Equal("card_declined", attempt.GetProperty("declineCode").GetString());
        var stock = await http.Get($"/v1/products/{sku}/stock");
        Assert.Equal((5L, 0L), (stock.Number("onHand"), stock.Number("reserved")));
        Assert.Empty(await Captured(order.Text("id")!));
    }

    [Fact]
    public async Task A_shortfall_cancels_with_what_was_missing_and_holds_nothing()
    {
        var (plenty, scarce) = (await http.Product(5), await http.Product(1));
        var order = (await http.Order("tok_ok", (plenty, 2), (scarce, 3))).Is(200);
        Assert.Equal(("cancelled", "insufficient_stock"), (order.Text("status"), order.Text("reason")));
        var shortfall = Assert.Single(order.Json.GetProperty("shortfalls").EnumerateArray());
        Assert.Equal((scarce, 3L, 1L, 2L), (
            shortfall.GetProperty("sku").GetString(), shortfall.GetProperty("asked").GetInt64(),
            shortfall.GetProperty("available").GetInt64(), shortfall.GetProperty("missing").GetInt64()));
        Assert.Equal(0, (await http.Get($"/v1/products/{plenty}/stock")).Number("reserved"));
        Assert.Empty(await Captured(order.Text("id")!));
    }

    [Fact]
    public async Task An_unknown_product_beside_a_short_one_is_told_apart_from_it()
    {
        var (scarce, unknown) = (await http.Product(1), HttpHost.Name("none"));
        var order = (await http.Order("tok_ok", (scarce, 3), (unknown, 1))).Is(200);
        Assert.Equal("insufficient_stock", order.Text("reason"));
        Assert.Equal(
            [(scarce, "insufficient_stock"), (unknown, "unknown_product")],
            order.Json.GetProperty("shortfalls").EnumerateArray().Select(
                shortfall => (shortfall.GetProperty("sku").GetString(), shortfall.GetProperty("reason").GetString())));
    }

    [Fact]
    public async Task An_order_that_costs_nothing_is_completed_whatever_the_means_of_payment()
    {
        var sku = await http.Product(5, price: 0);
        var order = (await http.Order("tok_declined", (sku, 2))).Is(200);
        Assert.Equal(("completed", "none"), (order.Text("status"), order.Payment()));
        Assert.Equal(3, (await http.Get($"/v1/products/{sku}/stock")).Number("onHand"));
        Assert.Empty(
            (await http.Get("/v1/sandbox/charges?orderId=" + order.Text("id"))).Is(200).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task An_unknown_product_cancels_the_order()
    {
        var order = (await http.Order("tok_ok", (HttpHost.Name("none"), 1))).Is(200);
        Assert.Equal(("cancelled", "unknown_product"), (order.Text("status"), order.Text("reason")));
    }

    [Theory]
    [InlineData("tok_flaky")]
    [InlineData("tok_timeout")]
    public async Task Money_and_goods_agree_whatever_the_gateway_does(string token)
    {
        var sku = await http.Product(5, price: 100);
        var placed = (await http.Post("/v1/orders", HttpHost.OrderBody(token, (sku, 2)))).Is(202);
        var order = await Ended(placed.Location!);
        var stock = await http.Get($"/v1/products/{sku}/stock");
        Assert.Equal(0, stock.Number("reserved"));
        var kept = (await Captured(order.Text("id")!)).Sum(charge => charge.Amount - charge.Refunded);
        Assert.Equal(order.Text("status") == "completed" ? (3L, 200L) : (5L, 0L), (stock.Number("onHand"), kept));
    }

    [Fact]
    public async Task Lines_of_one_sku_are_summed()
    {
        var sku = await http.Product(5);
        var order = (await http.Order("tok_ok", (sku, 1), (sku, 2))).Is(200);
        Assert.Equal(3, Assert.Single(order.Json.GetProperty("lines").EnumerateArray()).GetProperty("quantity").GetInt64());
        (await http.Order("tok_ok", (sku, 600_000_000), (sku, 600_000_000))).IsProblem(422, "out_of_bounds").Blames("lines");
    }

    [Fact]
    public async Task The_same_key_is_the_same_order()
    {
        var (a, b) = (await http.Product(5), await http.Product(5));
        var key = HttpHost.Name("key");
        var first = (await http.Post("/v1/orders", HttpHost.OrderBody("tok_ok", (a, 1), (b, 2)), key)).Is(202);
        var replay = (await http.Post("/v1/orders", HttpHost.OrderBody("tok_ok", (b, 2), (a, 1)), key, ("Prefer", "wait=30"))).Is(200);
        Assert.True(replay.Replayed);
        Assert.Equal(first.Text("id"), replay.Text("id"));
        (await http.Post("/v1/orders", HttpHost.OrderBody("tok_ok", (a, 1), (b, 3)), key)).IsProblem(422, "idempotency_key_reused");
        (await http.Post("/v1/orders", HttpHost.OrderBody("tok_slow", (a, 1), (b, 2)), key)).IsProblem(422, "idempotency_key_reused");
        Assert.Single(await Captured(first.Text("id")!));
    }

    [Fact]
    public async Task An_order_of_2000_lines_fits()
    {
        var lines = Enumerable.Range(0, 2_000).Select(i => ($"SKU-{i % 3}-of-no-product", 1L)).ToArray();
        var order = (await http.Order("tok_ok", lines)).Is(200);
        Assert.Equal("cancelled", order.Text("status"));
        (await http.Order("tok_ok", [.. lines, ("x", 1)])).IsProblem(422, "out_of_bounds").Blames("lines");
    }

    [Fact]
    public async Task A_completed_order_cannot_be_cancelled_nor_resolved()
    {
        var sku = await http.Product(1);
        var path = "/v1/orders/" + (await http.Order("tok_ok", (sku, 1))).Is(200).Text("id");
        var refused = (await http.Post(path + "/cancel", Cancel)).IsProblem(409, "already_charged");
        Assert.Equal("completed", refused.Text("orderStatus"));
        foreach (var verb in new[] { "retry", "compensate", "complete" })
            (await http.Post($"{path}/{verb}", Note)).IsProblem(409, "not_parked");
        (await http.Post($"{path}/resume", Note)).IsProblem(409, "order_ended");
    }

    [Fact]
    public async Task A_cancel_before_the_charge_is_honoured_and_can_be_repeated()
    {
        var sku = await http.Product(3);
        var order = (await http.Order("tok_declined", (sku, 1))).Is(200);
        var cancelled = (await http.Post($"/v1/orders/{order.Text("id")}/cancel", Cancel)).Is(200);
        Assert.Equal("cancelled", cancelled.Text("status"));
    }

    [Fact]
    public async Task A_cancel_keeps_its_key_and_a_repeat_says_that_it_is_one()
    {
        var sku = await http.Product(3);
        var path = (await http.Post("/v1/orders", HttpHost.OrderBody("tok_slow", (sku, 1)))).Is(202).Location!;
        var key = HttpHost.Name("key");
        var first = (await http.Post(path + "/cancel", Cancel, key)).Is(202);
        Assert.False(first.Replayed);
        await Ended(path);

        Assert.True((await http.Post(path + "/cancel", Cancel, key)).Is(200).Replayed);
        Assert.False((await http.Post(path + "/cancel", Cancel)).Is(200).Replayed);
    }

    [Fact]
    public async Task An_unknown_order_is_not_found()
    {
        (await http.Get(Unknown)).IsProblem(404, "order_not_found");
        (await http.Get("/v1/orders/7")).IsProblem(404, "order_not_found");
        (await http.Post($"{Unknown}/cancel", Cancel)).IsProblem(404, "order_not_found");
        foreach (var verb in new[] { "retry", "compensate", "complete", "resume" })
            (await http.Post($"{Unknown}/{verb}", Note)).IsProblem(404, "order_not_found");
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("retry")]
    [InlineData("compensate")]
    [InlineData("complete")]
    [InlineData("resume")]
    public async Task Every_verb_needs_an_idempotency_key(string verb) =>
        (await http.Send(HttpMethod.Post, $"{Unknown}/{verb}", verb == "cancel" ? Cancel : Note, []))
            .IsProblem(400, "idempotency_key_missing");

    [Theory]
    [InlineData("""{"customerId":"c","lines":[],"paymentToken":"t"}""", 422, "lines")]
    [InlineData("""{"customerId":"","lines":[{"sku":"a","quantity":1}],"paymentToken":"t"}""", 422, "customerId")]
    [InlineData("""{"customerId":"c","lines":[{"sku":"a","quantity":1}],"paymentToken":""}""", 422, "paymentToken")]
    [InlineData("""{"customerId":"c","lines":[{"sku":"a","quantity":0}],"paymentToken":"t"}""", 422, "lines[0].quantity")]
    [InlineData("""{"customerId":"c","lines":[{"sku":"a","quantity":1},{"sku":"a ","quantity":1}],"paymentToken":"t"}""", 422, "lines[1].sku")]
    [InlineData("""{"customerId":"c","lines":[{"sku":"..","quantity":1}],"paymentToken":"t"}""", 422, "lines[0].sku")]
    [InlineData("""{"customerId":"c","lines":[{"sku":"a","quantity":1.5}],"paymentToken":"t"}""", 400, "lines[0].quantity")]
    [InlineData("""{"customerId":"c","lines":[{"sku":"a"}],"paymentToken":"t"}""", 400, "lines[0].quantity")]
    [InlineData("""{"customerId":"c","lines":[{"sku":"a","quantity":1,"price":1}],"paymentToken":"t"}""", 400, "lines[0].price")]
    [InlineData("""{"customerId":"c","lines":[{"sku":"a","quantity":1}]}""", 400, "paymentToken")]
    public async Task A_bad_order_is_refused(string body, int status, string field) =>
        (await http.Post("/v1/orders", body)).IsBad(status, field);

    [Theory]
    [InlineData("orderId=7")]
    [InlineData("limit=0")]
    public async Task A_bad_question_to_the_sandbox_is_refused(string query) =>
        (await http.Get("/v1/sandbox/charges?" + query)).IsProblem(422, "out_of_bounds").Blames(query.Split('=')[0]);

    /// <summary>Waits for the end by asking for the order again and again, each time after its previous answer.</summary>
    private async Task<Answer> Ended(string path)
    {
        Answer? order = null;
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        do
        {
            order = (await http.Get(path)).Is(200);
            if (order.Text("status") is "completed" or "cancelled") return order;
        }
        while (!bound.IsCancellationRequested && await pause.WaitForNextTickAsync());

        throw new TimeoutException($"expected {path} to end, but it is {order.Body}");
    }

    private async Task<(long Amount, long Refunded)[]> Captured(string order)
    {
        var charges = (await http.Get($"/v1/sandbox/charges?orderId={order}")).Is(200).Json.GetProperty("items");
        return [.. charges.EnumerateArray().Where(charge => charge.GetProperty("status").GetString() == "captured").Select(Amounts)];

        static (long, long) Amounts(JsonElement charge) =>
            (charge.GetProperty("amount").GetProperty("amount").GetInt64(), charge.GetProperty("refunded").GetInt64());
    }
}
