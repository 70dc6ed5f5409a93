using Holdfast.Contracts.Orders;
using Holdfast.Journal;
using Holdfast.Outbox.Lanes;
using Holdfast.Rings.Cluster;
using Holdfast.Tests;
using Holdfast.Tests.Journal;

namespace Holdfast.Rings.Outbox;

/// <summary>Silos join, leave and die while orders are under way: each order ends, once, and none waits for a sweep or a lease.</summary>
public sealed class ClusterTests : IDisposable
{
    private const long OnHand = 100_000;
    private const int Products = 5;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>With five silos one of them has no lane for payments, and must tell others of each.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task Orders_complete_without_a_sweep(short silos)
    {
        await using var cluster = await LaneCluster.Start(_directory.Path, silos, NoSweeps);
        await cluster.Settled();
        await CreateProducts(cluster);
        var orders = await PlaceMany(cluster, 150);
        await AllComplete(cluster, orders);
        await cluster.OutboxEmpty();
        Assert.All(cluster.Runs, run => Assert.True(run.Value == 1, $"{run.Key} was run {run.Value} times"));
    }

    [Fact]
    public async Task Lanes_are_owned_once_and_evenly_when_silos_join_stop_and_die_and_the_next_orders_complete_without_a_sweep()
    {
        await using var cluster = await LaneCluster.Start(_directory.Path, 2, NoSweeps);
        await cluster.Settled();
        await CreateProducts(cluster);
        await AllComplete(cluster, await PlaceMany(cluster, 30));
        await cluster.Add();
        await cluster.Settled();
        await AllComplete(cluster, await PlaceMany(cluster, 30));
        await cluster.Stop(cluster.Silos[0]);
        await cluster.Settled();
        await AllComplete(cluster, await PlaceMany(cluster, 30));
        await cluster.Kill(cluster.Silos[0]);
        await cluster.Settled();
        await AllComplete(cluster, await PlaceMany(cluster, 30));
    }

    [Fact]
    public async Task A_handler_that_runs_while_its_lane_moves_is_not_run_again()
    {
        await using var cluster = await LaneCluster.Start(_directory.Path, 1);
        await cluster.Settled();
        await CreateProducts(cluster);
        var held = Enumerable.Range(0, 30).Select(_ => HoldfastCluster.NewOrderId()).ToArray();
        foreach (var id in held)
        {
            cluster.Doors.Close($"order/{id} order.reserve");
            await cluster.Place(id, "p0");
        }

        foreach (var id in held) await cluster.Doors.Reached($"order/{id} order.reserve");
        await cluster.Add();
        await cluster.Settled();
        await AllComplete(cluster, await PlaceMany(cluster, 20));
        Assert.All(held, id => Assert.Equal(1, cluster.Runs[$"order/{id} order.reserve"]));
        foreach (var id in held) cluster.Doors.Open($"order/{id} order.reserve");
        await AllComplete(cluster, held);
        await cluster.OutboxEmpty();
        Assert.All(held, id => Assert.Equal(1, cluster.Runs[$"order/{id} order.reserve"]));
    }

    [Fact]
    public async Task A_silo_that_stops_under_load_lets_its_handlers_end_and_nothing_waits_for_a_lease()
    {
        await using var cluster = await LaneCluster.Start(_directory.Path, 3, NoSweeps);
        await cluster.Settled();
        await CreateProducts(cluster);
        var orders = PlaceMany(cluster, 300);
        await Eventually.True(() => cluster.Runs.Count > 100, () => "some orders should be under way");
        await cluster.Stop(cluster.Silos[1]);
        await AllComplete(cluster, await orders);
        await cluster.OutboxEmpty();
        var repeated = cluster.Runs.Where(run => run.Value > 1).ToArray();

        // Those whose grains the stopping silo took from under them; how many were just then under way is the machine's affair.
        Assert.True(repeated.Sum(run => run.Value - 1) <= cluster.Runs.Count / 5, $"{repeated.Length} of {cluster.Runs.Count} messages were run again");
        Assert.All(cluster.Runs, run => Assert.InRange(run.Value, 1, 4));
        await cluster.Settled();
    }

    [Fact]
    public async Task A_handler_that_outlasts_its_stopping_silo_is_cancelled_and_the_next_owner_runs_its_message_at_once_and_uncounted()
    {
        await using var cluster = await LaneCluster.Start(_directory.Path, 2, outbox =>
        {
            NoSweeps(outbox);
            outbox.DrainTimeout = TimeSpan.FromMilliseconds(200);
        });
        await cluster.Settled();
        await CreateProducts(cluster);
        var held = Enumerable.Range(0, 20).Select(_ => HoldfastCluster.NewOrderId()).ToArray();
        foreach (var id in held) cluster.Doors.Close($"order/{id} order.charge");
        await Task.WhenAll(held.Select(id => cluster.Place(id, "p0")));
        foreach (var id in held) await cluster.Doors.Reached($"order/{id} order.charge");
        await cluster.Stop(cluster.Silos[0]);
        await Eventually.True(
            () => cluster.Runs.Values.Sum() > 2 * held.Length, () => "the other silo should run what was cancelled");
        foreach (var id in held) cluster.Doors.Open($"order/{id} order.charge");
        await AllComplete(cluster, held);
        await cluster.OutboxEmpty();
        Assert.All(held, id => Assert.InRange(cluster.Runs[$"order/{id} order.charge"], 1, 2));
        Assert.Empty(await cluster.Store.ReadDeadLetters(10, CancellationToken.None));
    }

    [Fact]
    public async Task A_silo_that_dies_under_load_leaves_no_order_behind()
    {
        await using var cluster = await LaneCluster.Start(_directory.Path, 3);
        await cluster.Settled();
        await CreateProducts(cluster);
        var orders = PlaceMany(cluster, 300);
        await Eventually.True(() => cluster.Runs.Count > 100, () => "some orders should be under way");
        await cluster.Kill(cluster.Silos[1]);
        await AllComplete(cluster, await orders);
        await cluster.OutboxEmpty();
        await cluster.Settled();
        await Audit(cluster);
    }

    [Fact]
    public async Task Silos_that_die_one_after_the_other_park_no_message_whose_handler_never_failed()
    {
        await using var cluster = await LaneCluster.Start(
            _directory.Path, 2, outbox => (outbox.MaxAttempts, outbox.FirstBackoff) = (2, TimeSpan.FromMilliseconds(20)));
        await cluster.Settled();
        await CreateProducts(cluster);
        var orders = new List<string>();
        for (var kill = 0; kill < 10; kill++)
        {
            orders.AddRange(await PlaceMany(cluster, 20));
            await cluster.Kill(cluster.Silos[kill % 2]);
            await cluster.Add();
        }

        await AllComplete(cluster, orders);
        await cluster.OutboxEmpty();
        Assert.Empty(await cluster.Store.ReadDeadLetters(10, CancellationToken.None));
        await Audit(cluster);
    }

    [Fact]
    public async Task Messages_that_were_under_way_when_processes_ended_run_one_by_one_and_the_one_that_always_is_becomes_a_dead_letter()
    {
        const int maxAttempts = 4;
        await using var cluster = await LaneCluster.Start(_directory.Path, 1, outbox => outbox.MaxAttempts = maxAttempts);
        await cluster.Settled();
        await CreateProducts(cluster);

        // As a process leaves it that ended during each of that many runs: counted before it started, and never set right.
        var innocent = new[] { await Lost(cluster, lane: 0, maxAttempts), await Lost(cluster, lane: 1, maxAttempts + 1) };
        var guilty = await Lost(cluster, lane: 2, maxAttempts + 3);
        foreach (var message in innocent) cluster.Doors.Close($"{message.Stream} order.reserve");
        LaneCluster.LanesOf(cluster.Silos[0]).MayHaveBeenStored([.. innocent, guilty]);

        var reached = innocent.Select(message => cluster.Doors.Reached($"{message.Stream} order.reserve")).ToArray();
        await Task.WhenAny(reached).Unwrap();
        var order = HoldfastCluster.NewOrderId();
        await cluster.Place(order, "p0");
        Assert.Equal(OrderStatus.Completed, (await cluster.End(order)).Status);
        _ = Assert.Single(reached, each => each.IsCompleted);
        foreach (var message in innocent) cluster.Doors.Open($"{message.Stream} order.reserve");
        await cluster.OutboxEmpty();
        var letter = Assert.Single(await cluster.Store.ReadDeadLetters(10, CancellationToken.None));
        Assert.Equal(guilty.Id, letter.Message.Id);
        Assert.False(cluster.Runs.ContainsKey($"{guilty.Stream} order.reserve"));
    }

    [Fact]
    public async Task A_message_that_only_the_next_release_knows_is_put_back_and_one_that_nobody_has_known_for_days_is_a_dead_letter()
    {
        await using var cluster = await LaneCluster.Start(_directory.Path, 1);
        await cluster.Settled();
        var now = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        OutboxMessage Of(DateTimeOffset sent) => new(RowId.New(sent), 0, now, 0, "order/next", "order.of_the_next_release", "{}"u8.ToArray());
        OutboxMessage[] messages = [Of(now), Of(now.AddDays(-2)), Of(now.AddDays(-4))];
        await cluster.Store.Commit([new("order/next", 0, Guid.NewGuid(), now, 1, "[]"u8.ToArray(), messages, [])], []);

        await Eventually.True(
            async () => (await Rows(cluster)).Count(row => row.DueAt > now) == 2 && (await cluster.Store.ReadDeadLetters(10, default)).Count == 1,
            () => "two should be put back, and one be given up");
        var rows = await Rows(cluster);
        Assert.Equal(messages[..2].Select(message => message.Id).Order(), rows.Select(row => row.Id).Order());
        Assert.Equal(messages[2].Id, Assert.Single(await cluster.Store.ReadDeadLetters(10, default)).Message.Id);

        // Neither is it a failure of its handler, nor is the older one looked at again at once.
        await Eventually.True(async () => (await Rows(cluster)).All(row => row.Attempts == 0), () => "nothing should be counted");
        Assert.InRange(rows.Single(row => row.Id == messages[1].Id).DueAt - now, TimeSpan.FromSeconds(29), TimeSpan.FromMinutes(2));

        static Task<IReadOnlyList<OutboxMessage>> Rows(LaneCluster cluster) => cluster.Store.ReadDue(0, DateTimeOffset.MaxValue, default, 10, default);
    }

    [Fact]
    public async Task A_silo_tells_how_its_lanes_are()
    {
        await using var cluster = await LaneCluster.Start(_directory.Path, 1);
        await cluster.Settled();
        var lanes = LaneCluster.LanesOf(cluster.Silos[0]);
        Assert.Equal((true, true, LaneNumbers.Count), (lanes.Health.IsReady, lanes.Health.Joined, lanes.Health.Owned.Count));
        await cluster.Stop(cluster.Silos[0]);
        Assert.Equal((false, false, 0), (lanes.Health.IsReady, lanes.Health.Joined, lanes.Health.Owned.Count));
    }

    /// <summary>Whatever waits for a sweep, or for the second look after a take-over, waits longer than any test.</summary>
    private static void NoSweeps(OutboxOptions outbox) => outbox.SweepPeriod = outbox.SecondReadAfter = TimeSpan.FromHours(1);

    private static async Task CreateProducts(LaneCluster cluster)
    {
        for (var product = 0; product < Products; product++) await cluster.CreateProduct($"p{product}", OnHand);
    }

    private static async Task<string[]> PlaceMany(LaneCluster cluster, int count)
    {
        var orders = Enumerable.Range(0, count).Select(_ => HoldfastCluster.NewOrderId()).ToArray();
        foreach (var some in orders.Chunk(20)) await Task.WhenAll(some.Select((id, i) => cluster.Place(id, $"p{i % Products}")));
        return orders;
    }

    private static async Task AllComplete(LaneCluster cluster, IEnumerable<string> orders)
    {
        foreach (var order in await Task.WhenAll(orders.Select(cluster.End)))
        {
            Assert.True(order is { Status: OrderStatus.Completed, Payment: PaymentStatus.Captured }, $"{order}");
        }
    }

    private static async Task Audit(LaneCluster cluster)
    {
        var sold = 0L;
        for (var product = 0; product < Products; product++)
        {
            var (onHand, reserved) = await cluster.Stock($"p{product}");
            Assert.Equal(0, reserved);
            sold += OnHand - onHand;
        }

        Assert.Equal(cluster.Gateway.Captures, sold);
    }

    private static async Task<OutboxMessage> Lost(LaneCluster cluster, int lane, int attempts)
    {
        var now = TimeProvider.System.GetUtcNow();
        var id = HoldfastCluster.NewOrderId();
        var stream = $"test/{id}";
        var message = new OutboxMessage(
            Guid.CreateVersion7(now), lane, DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()), attempts, stream, "order.reserve",
            System.Text.Encoding.UTF8.GetBytes($$"""{"order":"{{id}}","attempt":1}"""));
        var result = await cluster.Store.Commit([new(stream, 0, Guid.CreateVersion7(now), message.DueAt, 1, "[{}]"u8.ToArray(), [message], [])], []);
        Assert.Equal([AppendStatus.Committed], result.Appends);
        return message;
    }
}
