using System.Text.Json;
using Holdfast.Api.Orders;
using Holdfast.Contracts.Orders;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Tests.Api.Orders;

/// <summary>DELETE of an order: its text goes, its sums stay.</summary>
[Collection(HttpRing.Name)]
public sealed class OrderErasureTests(HttpHost http)
{
    [Fact]
    public async Task An_erased_order_has_its_sums_and_no_text()
    {
        var (sku, key) = (await http.Product(9), HttpHost.Name("key"));
        var body = $$"""
            {"customerId":"Wilhelmina","reference":"A-7","metadata":{"gift":"for Ada"},
             "lines":[{"sku":"{{sku}}","quantity":2}],"paymentToken":"tok_ok"}
            """;
        var placed = (await http.Post("/v1/orders", body, key, ("Prefer", "wait=30"))).Is(200);
        var path = "/v1/orders/" + placed.Text("id");

        Assert.Equal("", (await http.Delete(path)).Is(204).Body);

        var erased = (await http.Get(path)).Is(200);
        foreach (var member in new[] { "id", "status", "lines", "total", "payment", "reason", "shortfalls", "placedAt" })
            Assert.Equal(placed.Json.GetProperty(member).GetRawText(), erased.Json.GetProperty(member).GetRawText());
        Assert.Equal((null, null, "{}"), (erased.Text("customerId"), erased.Text("reference"), Metadata(erased)));
        Assert.Equal(erased.Text("updatedAt"), erased.Text("erasedAt"));
        Assert.NotEqual(placed.ETag, erased.ETag);

        // It is the same order to whoever repeats what placed it, although nothing is left to compare.
        var again = (await http.Post("/v1/orders", body, key, ("Prefer", "wait=30"))).Is(200);
        Assert.Equal((true, erased.Body), (again.Replayed, again.Body));
        Assert.DoesNotContain("Wilhelmina", again.Body, StringComparison.Ordinal);
        (await http.Delete(path)).Is(204);
        Assert.Equal(erased.Body, (await http.Get(path)).Is(200).Body);
    }

    [Fact]
    public async Task Its_history_says_that_it_was_erased_and_nothing_else()
    {
        var path = await Ended();
        (await http.Patch(path, """{"reference":"A-7"}""")).Is(200);
        Assert.True((await http.Get(path + "/history")).Is(200).Json.GetProperty("items").GetArrayLength() > 5);

        (await http.Delete(path)).Is(204);

        foreach (var order in new[] { "asc", "desc" })
        {
            var page = (await http.Get(path + "/history?order=" + order)).Is(200);
            var entry = Assert.Single(page.Json.GetProperty("items").EnumerateArray());
            var amount = entry.GetProperty("amount").GetProperty("amount").GetInt64();
            Assert.Equal(("erased", 200), (entry.GetProperty("what").GetString(), amount));
        }
    }

    [Fact]
    public async Task A_key_belongs_to_the_erasure()
    {
        var path = await Ended();
        var key = ("Idempotency-Key", HttpHost.Name("key"));
        Assert.False((await http.Delete(path, key)).Is(204).Replayed);
        Assert.True((await http.Delete(path, key)).Is(204).Replayed);
        Assert.False((await http.Delete(path, ("Idempotency-Key", HttpHost.Name("key")))).Is(204).Replayed);
    }

    [Fact]
    public async Task Nothing_is_asked_of_an_erased_order_any_more()
    {
        var path = await Ended();
        (await http.Delete(path)).Is(204);
        var seen = (await http.Get(path)).Is(200).ETag;

        (await http.Patch(path, """{"reference":"A-8"}""")).IsProblem(409, "order_erased");
        (await http.Post(path + "/cancel", """{"reason":"customer"}""")).IsProblem(409, "order_erased");
        foreach (var verb in new[] { "retry", "compensate", "complete", "resume" })
        {
            var refused = (await http.Post($"{path}/{verb}", """{"note":"x"}""")).IsProblem(409, "order_erased");
            Assert.Equal("completed", refused.Text("orderStatus"));
        }

        Assert.Equal(seen, (await http.Get(path)).Is(200).ETag);
    }

    [Fact]
    public async Task An_order_that_has_not_ended_keeps_its_text()
    {
        var body = HttpHost.OrderBody("tok_slow", (await http.Product(9), 1));
        var path = "/v1/orders/" + (await http.Post("/v1/orders", body)).Is(202).Text("id");
        var refused = (await http.Delete(path)).IsProblem(409, "order_not_ended");
        Assert.Contains(refused.Text("orderStatus"), new[] { "placed", "reserving", "charging" });
        Assert.Equal("c-1", (await http.Get(path)).Is(200).Text("customerId"));
    }

    /// <summary>A charge that the gateway knew nothing of is looked for for a day: nobody waits for that here.</summary>
    [Fact]
    public async Task An_order_to_which_a_charge_can_still_come_says_until_when()
    {
        var outcome = new EraseOrderOutcome(EraseOrderStatus.ChargeMayCome, SettledAt: new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { Response = { Body = body } };

        await OrderErasureEndpoints.Answer(outcome).ExecuteAsync(context);

        var problem = JsonDocument.Parse(body.ToArray()).RootElement;
        Assert.Equal(
            (409, "order_not_settled", "2026-03-01T12:00:00.000Z"),
            (context.Response.StatusCode, problem.GetProperty("code").GetString(), problem.GetProperty("settledAt").GetString()));
    }

    [Fact]
    public async Task A_condition_is_checked()
    {
        var path = await Ended();
        var seen = (await http.Get(path)).Is(200).ETag!;
        (await http.Patch(path, """{"reference":"A-8"}""")).Is(200);
        (await http.Delete(path, ("If-Match", seen))).IsProblem(412, "version_mismatch");
        (await http.Delete(path, ("If-Match", (await http.Get(path)).ETag!))).Is(204);
    }

    [Fact]
    public async Task What_is_not_there_is_not_erased()
    {
        (await http.Delete("/v1/orders/ord_0123456789abcdef0123456789abcdef")).IsProblem(404, "order_not_found");
        (await http.Delete("/v1/orders/7")).IsProblem(404, "order_not_found");
    }

    private async Task<string> Ended() => "/v1/orders/" + (await http.Order("tok_ok", (await http.Product(9), 2))).Is(200).Text("id");

    private static string Metadata(Answer answer) => answer.Json.GetProperty("metadata").GetRawText();
}
