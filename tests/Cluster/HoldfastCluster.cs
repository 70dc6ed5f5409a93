using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Silo;
using Orleans.TestingHost;

namespace Holdfast.Tests.Cluster;

/// <summary>One silo on the real embedded store, in a directory that outlives it.</summary>
internal sealed class HoldfastCluster(InProcessTestCluster cluster) : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public IGrainFactory Grains => cluster.Client;

    public IServiceProvider Services => cluster.Silos[0].ServiceProvider;

    /// <param name="directory">The store's files.</param>
    /// <param name="configure">Replaces parts of the silo: the clock, the gateway, the store.</param>
    public static async Task<HoldfastCluster> Start(string directory, Action<ISiloBuilder>? configure = null)
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddHoldfast(directory);
            configure?.Invoke(silo);
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new(cluster);
    }

    /// <summary>Drops the silo without letting it finish anything.</summary>
    public Task Kill() => cluster.KillSiloAsync(cluster.Silos[0]);

    public async ValueTask DisposeAsync() => await cluster.DisposeAsync();

    public IProductInventory Product(string sku) => Grains.GetGrain<IProductInventory>(sku);

    public async Task CreateProduct(string sku, long onHand, long price = 250, string currency = "GBP")
    {
        await Product(sku).PutDetails(new(NewOperation(), $"Product {sku}", new(price, currency), null, false));
        if (onHand > 0) await Product(sku).Adjust(new(NewOperation(), onHand, "received", null));
    }

    public async Task<IOrderSaga> Place(string paymentToken, params OrderLine[] lines)
    {
        var id = Guid.NewGuid();
        var order = Grains.GetGrain<IOrderSaga>(PublicId.Format(PublicId.Order, id));
        var outcome = await order.Place(new(new(id, 1), "customer", lines, paymentToken));
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

    public static Operation NewOperation() => new(Guid.NewGuid(), 1);
}
