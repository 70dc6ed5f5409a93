using Holdfast.Contracts.Orders;
using Holdfast.Outbox.Delivery;
using Holdfast.Outbox.Lanes;
using Holdfast.Tests;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Rings.Cluster;

public sealed class RestartTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_silo_that_dies_with_orders_in_every_state_is_started_again_and_each_ends_once()
    {
        var orders = new Dictionary<string, string>();
        var failing = "";
        var first = await HoldfastCluster.Start(_directory.Path, silo =>
        {
            silo.Services.Configure<OutboxOptions>(outbox => outbox.MaxAttempts = 1);
            silo.Services.Decorate<IMessageHandler>(inner => new FailingHandler(
                inner, message => $"{message.Stream} {message.Type}" == failing ? new InvalidOperationException("broken") : null));
        });
        await first.CreateProduct("tea", 100, price: 300);
        foreach (var step in (string[])["order.reserve", "order.charge", "order.complete", "order.undo", "order.refund"])
        {
            var id = orders[step] = HoldfastCluster.NewOrderId();
            first.Doors.Close($"order/{id} {step}");
            if (step == "order.refund") first.Doors.Close($"{id} charged");
            await first.PlaceAs(id, step == "order.undo" ? "tok_declined" : "tok_ok", new OrderLine("tea", 3));
            if (step == "order.refund")
            {
                await first.Doors.Reached($"{id} charged");
                await first.Order(id).Cancel();
                first.Doors.Open($"{id} charged");
            }

            await first.Doors.Reached($"order/{id} {step}");
        }

        var atGateway = orders["charged, not told"] = HoldfastCluster.NewOrderId();
        first.Doors.Close($"{atGateway} charged");
        await first.PlaceAs(atGateway, "tok_ok", new OrderLine("tea", 3));
        await first.Doors.Reached($"{atGateway} charged");

        var parked = orders["parked"] = HoldfastCluster.NewOrderId();
        failing = $"order/{parked} order.reserve";
        await HoldfastCluster.End(await first.PlaceAs(parked, "tok_ok", new OrderLine("tea", 3)));

        var completed = orders["completed"] = HoldfastCluster.NewOrderId();
        await HoldfastCluster.Terminal(await first.PlaceAs(completed, "tok_ok", new OrderLine("tea", 3)));
        var cancelled = orders["cancelled"] = HoldfastCluster.NewOrderId();
        await HoldfastCluster.Terminal(await first.PlaceAs(cancelled, "tok_declined", new OrderLine("tea", 3)));

        var seen = new List<OrderStatus>();
        foreach (var id in orders.Values) seen.Add((await first.Order(id).Read())!.Status);
        Assert.Equal(
            [
                OrderStatus.Reserving, OrderStatus.Charging, OrderStatus.Completing, OrderStatus.Cancelling, OrderStatus.Cancelling,
                OrderStatus.Charging, OrderStatus.NeedsAttention, OrderStatus.Completed, OrderStatus.Cancelled,
            ],
            seen);
        await first.Kill();

        await using var second = await HoldfastCluster.Start(_directory.Path);
        Assert.Equal(OrderStatus.NeedsAttention, (await second.Order(parked).Read())!.Status);
        Assert.Equal(OrderVerbStatus.Accepted, (await second.Order(parked).Resolve(OperatorVerb.Retry)).Status);
        var sold = 0L;
        foreach (var (what, id) in orders)
        {
            var order = await HoldfastCluster.Terminal(second.Order(id));
            var expected = what is "order.undo" or "order.refund" or "cancelled" ? OrderStatus.Cancelled : OrderStatus.Completed;
            Assert.True(expected == order.Status, $"The order that was at '{what}' should be {expected} but is {order}.");
            var money = await second.Money(id);
            Assert.Equal(order.Status == OrderStatus.Completed ? (900L, 1) : (0L, what == "order.refund" ? 1 : 0), money);
            if (order.Status == OrderStatus.Completed) sold += 3;
        }

        Assert.Equal((100L - sold, 0L), await second.Stock("tea"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_silo_that_is_no_more_follows_the_feed_no_more(bool killed)
    {
        var log = Path.Combine(_directory.Path, "views.db-wal");
        var cluster = await HoldfastCluster.Start(_directory.Path);
        var feed = cluster.Services.GetRequiredService<FeedRunner>();
        await cluster.CreateProduct("tea", 100);
        await Eventually.True(() => new FileInfo(log).Length > 0, () => "the silo has followed the feed");
        for (var i = 0; i < 20; i++) await cluster.Product("tea").Adjust(new(HoldfastCluster.NewOperation(), 1, "received", null));
        if (killed) await cluster.Kill();
        else await cluster.DisposeAsync();

        Assert.True(feed.Idle.IsCompleted);
        Assert.False(File.Exists(log), "Something holds the file of the views open.");
    }
}
