using Holdfast.Contracts.Orders;
using Holdfast.Tests.Journal;

namespace Holdfast.Tests.Cluster;

public sealed class OrderTests : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private HoldfastCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await HoldfastCluster.Start(_directory.Path);

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task An_order_is_reserved_charged_and_completed()
    {
        await _cluster.CreateProduct("tea", 10, price: 300);
        await _cluster.CreateProduct("cup", 5, price: 1_000);
        var order = await HoldfastCluster.End(await _cluster.Place("tok_ok", new("tea", 3), new OrderLine("cup", 1)));
        Assert.Equal(OrderStatus.Completed, order.Status);
        Assert.Equal(new(1_900, "GBP"), order.Total);
        Assert.Equal(PaymentStatus.Captured, order.Payment);
        var tea = await _cluster.Product("tea").ReadStock();
        Assert.Equal((7L, 0L), (tea!.OnHand, tea.Reserved));
        var movements = await _cluster.Product("tea").ReadMovements(0, 10);
        Assert.Equal([10L, -3L], movements.Movements.Select(movement => movement.Delta));
    }

    [Fact]
    public async Task An_order_that_one_product_refuses_is_cancelled_and_holds_nothing()
    {
        await _cluster.CreateProduct("tea", 10);
        await _cluster.CreateProduct("cup", 1);
        var order = await HoldfastCluster.End(await _cluster.Place("tok_ok", new("tea", 3), new OrderLine("cup", 2)));
        Assert.Equal((OrderStatus.Cancelled, OrderReason.InsufficientStock), (order.Status, order.Reason));
        Assert.Equal([new Shortfall("cup", 2, 1)], order.Shortfalls);
        Assert.Equal((10L, 0L), await Stock("tea"));
        Assert.Equal((1L, 0L), await Stock("cup"));
    }

    [Fact]
    public async Task A_declined_payment_cancels_the_order_and_gives_the_stock_back()
    {
        await _cluster.CreateProduct("tea", 10);
        var order = await HoldfastCluster.End(await _cluster.Place("tok_declined", new OrderLine("tea", 3)));
        Assert.Equal((OrderStatus.Cancelled, OrderReason.PaymentDeclined), (order.Status, order.Reason));
        Assert.Equal((10L, 0L), await Stock("tea"));
    }

    private async Task<(long OnHand, long Reserved)> Stock(string sku)
    {
        var stock = await _cluster.Product(sku).ReadStock();
        return (stock!.OnHand, stock.Reserved);
    }
}
