using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders.Payments;
using Holdfast.Journal;
using Holdfast.Outbox.Delivery;
using Holdfast.Outbox.Lanes;
using Holdfast.Silo;
using Holdfast.Tests;
using Orleans.TestingHost;

namespace Holdfast.Rings.Cluster;

/// <summary>One silo on the real embedded store, in a directory that outlives it, with a door at every seam.</summary>
internal sealed class HoldfastCluster(InProcessTestCluster cluster, Doors doors, StoreHook store) : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public IGrainFactory Grains => cluster.Client;

    public IServiceProvider Services => cluster.Silos[0].ServiceProvider;

    public Doors Doors => doors;

    public FaultyStore Store => store.Store!;

    /// <param name="directory">The store's files.</param>
    /// <param name="configure">Replaces parts of the silo: the clock, the gateway, the store.</param>
    public static async Task<HoldfastCluster> Start(string directory, Action<ISiloBuilder>? configure = null)
    {
        var doors = new Doors();
        var store = new StoreHook();
        var builder = new InProcessTestClusterBuilder(1);

        // Snapshots are kept under it: one that changed with every start would hide them from the next silo.
        builder.Options.ServiceId = "holdfast";
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddHoldfast(directory);
            silo.Services.Decorate<IJournalStore>(inner => store.Store = new FaultyStore(inner));
            silo.Services.Decorate<IMessageHandler>(inner => new DoorHandler(inner, doors));
            silo.Services.Decorate<IPaymentGateway>(inner => new DoorGateway(inner, doors));
            configure?.Invoke(silo);
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new(cluster, doors, store);
    }

    /// <summary>Drops the silo without letting it finish anything, and frees the files for the next one.</summary>
    public async Task Kill()
    {
        await cluster.KillSiloAsync(cluster.Silos[0]);
        await cluster.DisposeAsync();
    }

    public async ValueTask DisposeAsync() => await cluster.DisposeAsync();

    public IProductInventory Product(string sku) => Grains.GetGrain<IProductInventory>(sku);

    public async Task CreateProduct(string sku, long onHand, long price = 250, string currency = "GBP")
    {
        await Product(sku).PutDetails(new(NewOperation(), $"Product {sku}", new(price, currency), null, false));
        if (onHand > 0) await Product(sku).Adjust(new(NewOperation(), onHand, "received", null));
    }

    public static string NewOrderId() => PublicId.Format(PublicId.Order, Guid.NewGuid());

    public IOrderSaga Order(string id) => Grains.GetGrain<IOrderSaga>(id);

    public Task<IOrderSaga> Place(string paymentToken, params OrderLine[] lines) => PlaceAs(NewOrderId(), paymentToken, lines);

    public async Task<IOrderSaga> PlaceAs(string id, string paymentToken, params OrderLine[] lines)
    {
        Assert.True(PublicId.TryParse(PublicId.Order, id, out var operation));
        var order = Order(id);
        var outcome = await order.Place(new(new(operation, 1), "customer", lines, paymentToken));
        Assert.Equal(PlaceOrderStatus.Placed, outcome.Status);
        return order;
    }

    /// <summary>The order when it has ended or is parked; fails with its state when that takes too long.</summary>
    public static async Task<Order> End(IOrderSaga order)
    {
        var until = TimeProvider.System.GetUtcNow() + Patience;
        while (true)
        {
            var seen = await order.WaitForEnd(Patience);
            Assert.NotNull(seen);
            if (seen.Ended || seen.Status == OrderStatus.NeedsAttention) return seen;
            Assert.True(TimeProvider.System.GetUtcNow() < until, $"The order should have ended but is {seen}.");
        }
    }

    /// <summary>The messages of a stream that have not been finished.</summary>
    public async Task<IReadOnlyList<OutboxMessage>> Messages(string stream)
    {
        var messages = new List<OutboxMessage>();
        for (var lane = 0; lane < LaneNumbers.Count; lane++)
        {
            messages.AddRange(await Store.ReadDue(lane, DateTimeOffset.MaxValue, default, 1_000, CancellationToken.None));
        }

        return [.. messages.Where(message => message.Stream == stream)];
    }

    /// <summary>Waits until the order is cancelled, or completed, whatever it goes through.</summary>
    public static async Task<Order> Terminal(IOrderSaga order)
    {
        var end = await End(order);
        Assert.True(end.Ended, $"The order should have ended but is {end}.");
        return end;
    }

    /// <summary>Asks until it is so; fails with what was waited for when that takes too long.</summary>
    public static async Task Until(Func<Task<bool>> isSo, string what)
    {
        var until = TimeProvider.System.GetUtcNow() + Patience;
        while (!await isSo())
        {
            Assert.True(TimeProvider.System.GetUtcNow() < until, $"Waited in vain until {what}.");
            await Task.Yield();
        }
    }

    public async Task<(long OnHand, long Reserved)> Stock(string sku)
    {
        var stock = await Product(sku).ReadStock();
        Assert.NotNull(stock);
        return (stock.OnHand, stock.Reserved);
    }

    /// <summary>What the gateway kept of the order's money, and how many captures there were.</summary>
    public async Task<(long Kept, int Captures)> Money(string orderId)
    {
        var charges = await Grains.GetGrain<ISandboxGateway>(0).ReadCharges(orderId, 0, 100);
        var captured = charges.Where(charge => charge.Status == "captured").ToArray();
        return (captured.Sum(charge => charge.Amount.Amount - charge.Refunded), captured.Length);
    }

    public static Operation NewOperation() => new(Guid.NewGuid(), 1);
}

/// <summary>Where the silo's store can be reached once the silo has made it.</summary>
internal sealed class StoreHook
{
    public FaultyStore? Store { get; set; }
}
