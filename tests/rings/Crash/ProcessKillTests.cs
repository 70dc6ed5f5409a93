using System.Text.Json;
using Holdfast.Bench.Replay;
using Holdfast.Rings.Delivery;
using Holdfast.Tests.Api;
using Holdfast.Tests.Journal;
using Xunit.Abstractions;

namespace Holdfast.Rings.Crash;

/// <summary>
/// Kills the real front door at random moments, in the middle of what several customers ask for, and starts it again on the same
/// files. The customers know nothing of it: they repeat what was not answered. Then everything is read back and added up.
/// </summary>
public sealed class ProcessKillTests(ITestOutputHelper output) : IDisposable
{
    private const int Customers = 8;
    private const int Kills = 5;

    /// <summary>Answers after which a server is killed, at the most; none at all is killed while it still takes up what was left.</summary>
    private const int LongestLife = 150;

    private const int InitialStock = 60;

    private static readonly TimeSpan Patience = ServerProcess.Patience;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly TempDirectory _directory = new();
    private readonly SemaphoreSlim _answered = new(0);
    private volatile bool _closed;

    public void Dispose()
    {
        _answered.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_server_that_is_killed_at_any_moment_has_done_what_it_answered_once()
    {
        var seed = Seeds.Drawn;
        output.WriteLine($"HOLDFAST_SEED={seed}");
        var random = Seeds.Random(Seeds.Of(seed, 0));
        await using var server = await MortalServer.Start(_directory.Path);
        var client = new HoldfastClient(server.Client, new FrontDoors([server.Client.BaseAddress!]), TimeProvider.System, Patience, random.Next());
        var owner = new Customer(server.Client, "owner", random);
        foreach (var sku in Customer.Skus)
        {
            await client.PutProduct(sku, new(sku, new(random.Next(1, 1_000), "EUR")), CancellationToken.None);
            await owner.Adjust(sku, InitialStock);
        }

        var customers = Enumerable.Range(1, Customers)
            .Select(number => new Customer(server.Client, $"customer{number}", Seeds.Random(Seeds.Of(seed, number))))
            .ToArray();
        var shopping = Task.WhenAll(customers.Select(GoShopping));
        for (var kill = 0; kill < Kills; kill++)
        {
            await AwaitAnswers(random.Next(LongestLife), shopping);
            await server.KillAndStartAgain();
        }

        _closed = true;
        await shopping.WaitAsync(Patience, TimeProvider.System);
        await server.KillAndStartAgain();

        var facts = await ReadBack(client, customers);
        foreach (var check in Checks.Of(facts)) Assert.True(check.Ok, $"not so: {check.Name}\n{string.Join('\n', check.Offenders)}");
        await AssertCounter(server.Client, customers);
        foreach (var customer in customers.Append(owner)) await AssertReplays(server.Client, customer);
        AssertNothingWasSpared(facts, customers);
    }

    private async Task GoShopping(Customer customer)
    {
        try
        {
            while (!_closed)
            {
                await customer.DoSomething();
                _answered.Release();
            }
        }
        finally
        {
            // One who fails takes the others along.
            _closed = true;
        }
    }

    private async Task AwaitAnswers(int count, Task shopping)
    {
        for (var i = 0; i < count; i++)
        {
            if (await _answered.WaitAsync(Patience)) continue;
            if (_closed) await shopping;
            Assert.Fail($"There should have been {count} answers since the last start, but the one after {i} did not come within {Patience}.");
        }
    }

    private static async Task<ReplayFacts> ReadBack(HoldfastClient client, Customer[] customers)
    {
        var orders = new List<OrderFacts>();
        foreach (var (asked, lines, answer) in customers.SelectMany(customer => customer.Orders))
        {
            var first = JsonSerializer.Deserialize(answer.Body, WireJson.Default.OrderAnswer)!;
            var invoice = new Invoice(asked.Key, first.PlacedAt, Invoice.Guest, [.. lines.Select(line => new InvoiceLine(line.Sku, line.Quantity))]);
            orders.Add(new(invoice, first, await End(client, first.Id), null, null));
        }

        var received = customers
            .SelectMany(customer => customer.Adjustments)
            .Select(adjusted => new ReturnFacts(
                new(adjusted.Asked.Key, default, Invoice.Guest, []), [new InvoiceLine(adjusted.Sku, adjusted.Delta)], null));
        var skus = new List<SkuFacts>();
        foreach (var sku in Customer.Skus)
        {
            var (stock, movements) = (await client.ReadStock(sku, CancellationToken.None), await client.ReadMovements(sku, CancellationToken.None));
            skus.Add(new(sku, 0, InitialStock, stock, movements));
        }

        return new(false, orders, [.. received], skus, await client.ReadCharges(CancellationToken.None), new HashSet<string>());
    }

    private static async Task<OrderAnswer?> End(HoldfastClient client, string id)
    {
        var until = TimeProvider.System.GetUtcNow() + Patience;
        while (true)
        {
            var order = await client.FindOrder(id, CancellationToken.None);
            if (order is null or { Ended: true }) return order;
            Assert.True(TimeProvider.System.GetUtcNow() < until, $"The order should have ended within {Patience} but is {order}.");
            await Task.Delay(PollInterval, TimeProvider.System);
        }
    }

    private static async Task AssertCounter(HttpClient http, Customer[] customers)
    {
        using var response = await http.GetAsync($"/v1/counters/{Customer.Counter}");
        var counted = (await Answer.Read(response)).Is(200).Number("value");
        Assert.Equal(customers.SelectMany(customer => customer.Increments).Sum(increment => increment.Delta), counted);
    }

    private static async Task AssertReplays(HttpClient http, Customer customer)
    {
        var once = customer.Adjustments.Select(done => (done.Asked, done.Answer)).Concat(customer.Increments.Select(done => (done.Asked, done.Answer)));
        foreach (var (asked, answer) in once)
        {
            var again = await customer.Send(asked);
            Assert.Equal((true, answer.Status, answer.Body), (again.Replayed, again.Status, again.Body));
        }

        // An order's answer is the order as it is; the one that told its end is still true to the letter.
        foreach (var (asked, _, answer) in customer.Orders)
        {
            var again = await customer.Send(asked);
            using var response = await http.GetAsync($"/v1/orders/{answer.Text("id")}");
            Assert.Equal((true, (await Answer.Read(response)).Is(200).Body), (again.Replayed, again.Body));
            if (answer.Status == 200) Assert.Equal(answer.Body, again.Body);
        }
    }

    /// <summary>Kills that interrupted nothing would prove nothing.</summary>
    private void AssertNothingWasSpared(ReplayFacts facts, Customer[] customers)
    {
        var repeats = customers.Sum(customer => customer.Repeats);
        var lost = customers.Sum(customer =>
            customer.Orders.Count(done => done.Answer.Replayed)
            + customer.Adjustments.Count(done => done.Answer.Replayed)
            + customer.Increments.Count(done => done.Answer.Replayed));
        var ends = facts.Orders.CountBy(order => order.Final!.Reason ?? order.Final.Status).ToDictionary();
        output.WriteLine(
            $"{facts.Orders.Count} orders ({string.Join(", ", ends.Select(end => $"{end.Key} {end.Value}"))}), {facts.Returns.Count} adjustments, "
            + $"{customers.Sum(customer => customer.Increments.Count)} increments, {Kills + 1} kills, {repeats} repeats, {lost} answers lost and given again.");
        Assert.InRange(repeats, Kills, int.MaxValue);
        Assert.InRange(lost, 1, int.MaxValue);
        Assert.Contains(OrderAnswer.CompletedStatus, ends.Keys);
        Assert.Contains("payment_declined", ends.Keys);
    }
}
