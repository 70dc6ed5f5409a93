using Holdfast.Contracts;
using Holdfast.Contracts.Orders;
using Holdfast.Grains.Orders;
using Holdfast.Outbox.Lanes;
using Holdfast.Tests;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Rings.Cluster;

/// <summary>More orders come than the lanes can carry: their handlers are held at doors.</summary>
public sealed class OverloadTests : IDisposable
{
    private const int Flood = 150;
    private const int OnHand = 1_000;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_flood_of_new_orders_does_not_delay_the_end_of_one_that_was_begun()
    {
        await using var cluster = await Start(maxQueueDelay: TimeSpan.FromHours(1));
        var (completing, undoing) = (HoldfastCluster.NewOrderId(), HoldfastCluster.NewOrderId());
        string[] begun = [completing, undoing];
        foreach (var id in begun) cluster.Doors.Close($"order/{id} order.charge");
        await cluster.PlaceAs(completing, "tok_ok", new OrderLine("tea", 1));
        await cluster.PlaceAs(undoing, "tok_declined", new OrderLine("tea", 1));
        foreach (var id in begun) await cluster.Doors.Reached($"order/{id} order.charge");
        var flood = await PlaceFlood(cluster);
        foreach (var id in begun) cluster.Doors.Open($"order/{id} order.charge");
        Assert.Equal(OrderStatus.Completed, (await HoldfastCluster.Terminal(cluster.Order(completing))).Status);
        Assert.Equal(OrderReason.PaymentDeclined, (await HoldfastCluster.Terminal(cluster.Order(undoing))).Reason);
        await LetThrough(cluster, flood);
    }

    [Fact]
    public async Task An_order_that_would_wait_too_long_is_refused_with_nothing_done_and_every_accepted_one_completes()
    {
        await using var cluster = await Start(maxQueueDelay: TimeSpan.FromMilliseconds(500));
        var admission = cluster.Services.GetRequiredService<OrderAdmission>();
        var flood = await PlaceFlood(cluster);
        var lanes = cluster.Services.GetRequiredService<OutboxLanes>();
        await Eventually.True(
            () => TimeProvider.System.GetUtcNow() - lanes.BacklogOf(LaneClass.Step).OldestSince > TimeSpan.FromSeconds(1),
            () => "what waits in lanes that stand still should grow old");
        var refused = HoldfastCluster.NewOrderId();
        Assert.Equal(RetryReason.Overloaded, (await Assert.ThrowsAsync<RetryableException>(() => cluster.PlaceAs(refused, "tok_ok", new OrderLine("tea", 1)))).Reason);
        Assert.Equal(0, await cluster.Store.ReadVersion($"order/{refused}", CancellationToken.None));

        // Who asks again for an order that was accepted is told so.
        await cluster.PlaceAs(flood[0], "tok_ok", new OrderLine("tea", 1));
        await LetThrough(cluster, flood);
        await Eventually.True(admission.TryAdmit, () => "orders should be accepted when nothing waits any more");
        var order = await cluster.PlaceAs(refused, "tok_ok", new OrderLine("tea", 1));
        Assert.Equal(OrderStatus.Completed, (await HoldfastCluster.Terminal(order)).Status);
        Assert.Equal((OnHand - Flood - 1, 0L), await cluster.Stock("tea"));
    }

    [Fact]
    public async Task An_order_that_has_ended_leaves_memory_when_enough_others_have_ended_after_it()
    {
        await using var cluster = await Start(maxQueueDelay: TimeSpan.FromHours(1), handlers: 128);
        var first = await cluster.Place("tok_ok", new OrderLine("tea", 1));
        Assert.Equal(OrderStatus.Completed, (await HoldfastCluster.Terminal(first)).Status);

        // An invented one ends as well, and needs no stock.
        await Parallel.ForEachAsync(Enumerable.Range(0, EndedOrders.Kept + 400), new ParallelOptions { MaxDegreeOfParallelism = 256 }, async (_, _) =>
            await HoldfastCluster.Terminal(await cluster.Place("tok_ok", new OrderLine("not-sold-here", 1))));
        var management = cluster.Grains.GetGrain<IManagementGrain>(0);
        await Eventually.True(
            async () => await OrdersInMemory(management) <= EndedOrders.Kept,
            () => $"no more than {EndedOrders.Kept} ended orders should be in memory");
        Assert.Equal(OrderStatus.Completed, (await first.Read(ReadConsistency.Default))!.Status);
    }

    private static async Task<int> OrdersInMemory(IManagementGrain management) =>
        (await management.GetSimpleGrainStatistics()).Where(static grain => grain.GrainType.Contains("OrderSaga", StringComparison.Ordinal)).Sum(static grain => grain.ActivationCount);

    private async Task<HoldfastCluster> Start(TimeSpan maxQueueDelay, int handlers = 2)
    {
        var cluster = await HoldfastCluster.Start(_directory.Path, silo => silo.Services.Configure<OutboxOptions>(outbox =>
        {
            outbox.MaxConcurrentHandlers = handlers;
            outbox.MaxQueueDelay = maxQueueDelay;
        }));
        await cluster.CreateProduct("tea", OnHand);
        return cluster;
    }

    /// <summary>Orders that keep every handler of new orders busy.</summary>
    private static async Task<string[]> PlaceFlood(HoldfastCluster cluster)
    {
        string[] flood = [.. Enumerable.Range(0, Flood).Select(_ => HoldfastCluster.NewOrderId())];
        foreach (var id in flood) cluster.Doors.Close($"order/{id} order.reserve");
        await Task.WhenAll(flood.Select(id => cluster.PlaceAs(id, "tok_ok", new OrderLine("tea", 1))));
        var lanes = cluster.Services.GetRequiredService<OutboxLanes>();
        var (first, count) = LaneNumbers.Of(LaneClass.Step);
        await Eventually.True(
            () => Enumerable.Range(first, count).All(lane => lanes[lane].Backlog.Waiting > 0),
            () => "every lane for new orders should have more than it has handlers for");
        return flood;
    }

    private static async Task LetThrough(HoldfastCluster cluster, string[] orders)
    {
        foreach (var id in orders) cluster.Doors.Open($"order/{id} order.reserve");
        foreach (var id in orders) Assert.Equal(OrderStatus.Completed, (await HoldfastCluster.Terminal(cluster.Order(id))).Status);
    }
}
