using System.Text.Json;
using Holdfast.Bench.Replay;
using Holdfast.Tests;
using Holdfast.Tests.Api;
using Npgsql;

namespace Holdfast.Rings.Faults;

/// <summary>What must hold when a fault is over and everybody has been answered, read from the source and not from a memory.</summary>
internal sealed class Invariants(FaultCluster cluster, HttpClient http, int seed)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly HoldfastClient _client = new(http, new([http.BaseAddress!]), TimeProvider.System, FaultCluster.Patience, seed);

    public static async Task Hold(FaultCluster cluster, Load load)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = cluster.FrontDoors[0].Url };
        http.DefaultRequestHeaders.CacheControl = new() { NoCache = true };
        await new Invariants(cluster, http, seed: 1).Hold(load);
    }

    private async Task Hold(Load load)
    {
        var facts = await ReadBack(load);
        foreach (var check in Checks.Of(facts)) Assert.True(check.Ok, $"not so: {check.Name}\n{string.Join('\n', check.Offenders)}");
        await CountersAreExact(load);
        await ProfilesHaveAllEdits(load);
        await OutboxIsEmpty();
        await StreamsHaveNoGaps();
    }

    private async Task<ReplayFacts> ReadBack(Load load)
    {
        var before = cluster.Orders.ToHashSet();
        var orders = new List<OrderFacts>();
        foreach (var (key, lines, answer) in load.All.SelectMany(buyer => buyer.Orders))
        {
            var first = JsonSerializer.Deserialize(answer.Body, WireJson.Default.OrderAnswer)!;
            cluster.Orders.Add(first.Id);
            var invoice = new Invoice(key, first.PlacedAt, Invoice.Guest, [.. lines.Select(line => new InvoiceLine(line.Sku, line.Quantity))]);
            orders.Add(new(invoice, first, await End(first.Id), null, null));
        }

        // What the owner put there to begin with came in the same way.
        var received = load.All
            .SelectMany(buyer => buyer.Adjustments)
            .Select(adjusted => new ReturnFacts(new(adjusted.Key, default, Invoice.Guest, []), [new(adjusted.Sku, adjusted.Delta)], null));
        var skus = new List<SkuFacts>();
        foreach (var sku in load.Shop.Skus)
        {
            var (stock, movements) = (await _client.ReadStock(sku, default), await _client.ReadMovements(sku, default));
            skus.Add(new(sku, 0, 0, stock, movements));
        }

        return new(false, orders, [.. received], skus, await _client.ReadCharges(default), before);
    }

    private async Task<OrderAnswer?> End(string id)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var order = await _client.FindOrder(id, default);
            if (order is null or { Ended: true }) return order;
            Assert.True(
                TimeProvider.System.GetElapsedTime(started) < FaultCluster.Patience, $"the order should have ended within {FaultCluster.Patience} but is {order}");
            await Task.Delay(PollInterval, TimeProvider.System);
        }
    }

    private async Task CountersAreExact(Load load)
    {
        foreach (var counter in load.All.SelectMany(buyer => buyer.Increments).GroupBy(increment => increment.Counter, increment => increment.Delta))
            Assert.Equal((counter.Key, counter.Sum()), (counter.Key, (await Get($"/v1/counters/{counter.Key}")).Number("value")));
    }

    private async Task ProfilesHaveAllEdits(Load load)
    {
        foreach (var user in load.All.SelectMany(buyer => buyer.Edits).GroupBy(edit => edit.User))
        {
            var stored = (await Get($"/v1/customers/{user.Key}/profile")).Json.GetProperty("preferences").EnumerateObject()
                .ToDictionary(member => member.Name, member => member.Value.GetString());
            foreach (var (_, member, value) in user)
                Assert.True(stored.GetValueOrDefault(member) == value, $"{user.Key} should have {member} = {value}, but has {stored.GetValueOrDefault(member)}");
            Assert.Equal(user.Count(), stored.Count);
        }
    }

    private async Task OutboxIsEmpty()
    {
        await Eventually.True(async () => await cluster.Ask("SELECT count(*) FROM outbox") == 0, () => "the outbox should be empty");
        Assert.Equal(0, await cluster.Ask("SELECT count(*) FROM dead_letters"));
    }

    /// <summary>Each append begins where the one before it ended.</summary>
    private async Task StreamsHaveNoGaps()
    {
        await using var connection = await cluster.Open();
        await using var command = new NpgsqlCommand(
            """
            SELECT stream || ' at ' || first FROM (
                SELECT stream, first, coalesce(lag(last) OVER (PARTITION BY stream ORDER BY first), 0) AS before FROM journal) rows
            WHERE first <> before + 1
            """,
            connection);
        Assert.Null(await command.ExecuteScalarAsync());
    }

    private async Task<Answer> Get(string path)
    {
        using var response = await http.GetAsync(path);
        return (await Answer.Read(response)).Is(200);
    }
}
