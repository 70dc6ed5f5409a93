using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Rings.Cluster;

public sealed class OrderTests : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private HoldfastCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _cluster = await HoldfastCluster.Start(_directory.Path, silo => silo.Services.Configure<OrderOptions>(static order =>
        {
            (order.ChargeSendWindow, order.GatewayTimeout) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
            (order.ChargeTravelTime, order.FirstLookForLateCharge) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        }));
        await _cluster.CreateProduct("tea", 10, price: 300);
        await _cluster.CreateProduct("cup", 5, price: 1_000);
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task An_order_is_reserved_charged_and_completed()
    {
        var saga = await _cluster.Place("tok_ok", new("tea", 3), new OrderLine("cup", 1));
        var order = await HoldfastCluster.Terminal(saga);
        Assert.Equal((OrderStatus.Completed, PaymentStatus.Captured), (order.Status, order.Payment));
        Assert.Equal(new(1_900, "GBP"), order.Total);
        Assert.Equal((7L, 0L), await _cluster.Stock("tea"));
        Assert.Equal((1_900L, 1), await _cluster.Money(saga.GetPrimaryKeyString()));
        var movements = await _cluster.Product("tea").ReadMovements(0, 10);
        Assert.Equal([10L, -3L], movements.Movements.Select(movement => movement.Delta));
    }

    [Fact]
    public async Task An_order_that_one_product_refuses_is_cancelled_and_holds_nothing()
    {
        var saga = await _cluster.Place("tok_ok", new("tea", 3), new OrderLine("cup", 6));
        var order = await HoldfastCluster.Terminal(saga);
        Assert.Equal((OrderStatus.Cancelled, OrderReason.InsufficientStock), (order.Status, order.Reason));
        Assert.Equal([new Shortfall("cup", 6, 5, OrderReason.InsufficientStock)], order.Shortfalls);
        Assert.Equal((10L, 0L), await _cluster.Stock("tea"));
        Assert.Equal((5L, 0L), await _cluster.Stock("cup"));
        Assert.Equal((0L, 0), await _cluster.Money(saga.GetPrimaryKeyString()));
    }

    [Fact]
    public async Task An_order_for_an_unknown_product_is_cancelled()
    {
        var order = await HoldfastCluster.Terminal(await _cluster.Place("tok_ok", new("tea", 1), new OrderLine("unicorn", 1)));
        Assert.Equal((OrderStatus.Cancelled, OrderReason.UnknownProduct), (order.Status, order.Reason));
        Assert.Null(await _cluster.Product("unicorn").ReadStock());
        Assert.Equal((10L, 0L), await _cluster.Stock("tea"));
    }

    [Fact]
    public async Task An_order_for_invented_products_leaves_no_row_in_their_streams()
    {
        const int Invented = 300;
        var lines = Enumerable.Range(0, Invented).Select(i => new OrderLine($"unicorn-{i}", 1)).Append(new OrderLine("tea", 1)).ToArray();
        var saga = await _cluster.Place("tok_ok", lines);
        Assert.Equal(OrderReason.UnknownProduct, (await HoldfastCluster.Terminal(saga)).Reason);

        var versions = await Task.WhenAll(Enumerable.Range(0, Invented).Select(i => _cluster.Store.ReadVersion($"product/unicorn-{i}", default)));
        Assert.All(versions, version => Assert.Equal(0, version));
        Assert.Equal((10L, 0L), await _cluster.Stock("tea"));

        // What comes late to a product that was made meanwhile is refused by its deadline.
        await _cluster.CreateProduct("unicorn-0", 5);
        var late = await _cluster.Product("unicorn-0").Reserve(
            new(HoldfastCluster.NewOperation(), 1, TimeSpan.FromMinutes(1), TimeProvider.System.GetUtcNow().AddSeconds(-1)));
        Assert.Equal(Holdfast.Contracts.Inventory.ReserveStatus.DeadlinePassed, late.Status);
    }

    [Fact]
    public async Task An_order_in_two_currencies_is_cancelled()
    {
        await _cluster.CreateProduct("euro", 5, currency: "EUR");
        var order = await HoldfastCluster.Terminal(await _cluster.Place("tok_ok", new("tea", 1), new OrderLine("euro", 1)));
        Assert.Equal((OrderStatus.Cancelled, OrderReason.MixedCurrencies), (order.Status, order.Reason));
        Assert.Equal((5L, 0L), await _cluster.Stock("euro"));
    }

    [Fact]
    public async Task A_declined_payment_cancels_the_order_and_gives_the_stock_back()
    {
        var saga = await _cluster.Place("tok_declined", new OrderLine("tea", 3));
        var order = await HoldfastCluster.Terminal(saga);
        Assert.Equal((OrderStatus.Cancelled, OrderReason.PaymentDeclined), (order.Status, order.Reason));
        Assert.Equal((10L, 0L), await _cluster.Stock("tea"));
        Assert.Equal((0L, 0), await _cluster.Money(saga.GetPrimaryKeyString()));
    }

    [Theory]
    [InlineData("tok_slow")]
    [InlineData("tok_flaky")]
    [InlineData("tok_timeout")]
    public async Task A_slow_flaky_or_timed_out_payment_is_captured_once_and_the_order_completed(string token)
    {
        var saga = await _cluster.Place(token, new OrderLine("tea", 3));
        var order = await HoldfastCluster.Terminal(saga);
        Assert.Equal((OrderStatus.Completed, PaymentStatus.Captured), (order.Status, order.Payment));
        Assert.Equal((900L, 1), await _cluster.Money(saga.GetPrimaryKeyString()));
        Assert.Equal((7L, 0L), await _cluster.Stock("tea"));
    }

    [Fact]
    public async Task Placing_the_same_order_again_answers_with_the_first_one()
    {
        var id = HoldfastCluster.NewOrderId();
        await HoldfastCluster.Terminal(await _cluster.PlaceAs(id, "tok_ok", new OrderLine("tea", 3)));
        var again = await _cluster.Order(id).Place(new(new(Id(id), 1), "customer", [new("tea", 3)], "tok_ok"));
        Assert.True(again.Replayed);
        Assert.Equal(OrderStatus.Completed, again.Order!.Status);
        var other = await _cluster.Order(id).Place(new(new(Id(id), 2), "customer", [new("tea", 4)], "tok_ok"));
        Assert.Equal(PlaceOrderStatus.KeyReused, other.Status);
        Assert.Equal((7L, 0L), await _cluster.Stock("tea"));
    }

    [Fact]
    public async Task A_cancel_while_reserving_is_honoured()
    {
        var id = HoldfastCluster.NewOrderId();
        _cluster.Doors.Close($"order/{id} order.reserve");
        var saga = await _cluster.PlaceAs(id, "tok_ok", new OrderLine("tea", 3));
        await _cluster.Doors.Reached($"order/{id} order.reserve");
        Assert.Equal(OrderVerbStatus.Accepted, (await saga.Cancel()).Status);
        var order = await HoldfastCluster.Terminal(saga);
        _cluster.Doors.Open($"order/{id} order.reserve");
        Assert.Equal((OrderStatus.Cancelled, OrderReason.CancelledByCustomer), (order.Status, order.Reason));
        await AssertNothingKept(id);
    }

    [Fact]
    public async Task A_cancel_before_the_charge_is_sent_frees_the_goods_at_once_and_ends_when_no_charge_can_be_out()
    {
        var id = HoldfastCluster.NewOrderId();
        _cluster.Doors.Close($"order/{id} order.charge");
        var saga = await _cluster.PlaceAs(id, "tok_ok", new OrderLine("tea", 3));
        await _cluster.Doors.Reached($"order/{id} order.charge");
        Assert.Equal(OrderVerbStatus.Accepted, (await saga.Cancel()).Status);
        await HoldfastCluster.Until(async () => (await _cluster.Stock("tea")).Reserved == 0, "the goods are free");
        Assert.Equal((OrderStatus.Cancelling, PaymentStatus.Pending), await Where(saga));
        _cluster.Doors.Open($"order/{id} order.charge");
        var order = await HoldfastCluster.Terminal(saga);
        Assert.Equal((OrderStatus.Cancelled, PaymentStatus.None), (order.Status, order.Payment));
        await AssertNothingKept(id);
        Assert.Equal((0L, 0), await _cluster.Money(id));
    }

    [Fact]
    public async Task A_cancel_while_the_gateway_captures_ends_in_a_refund()
    {
        var id = HoldfastCluster.NewOrderId();
        _cluster.Doors.Close($"{id} charged");
        var saga = await _cluster.PlaceAs(id, "tok_ok", new OrderLine("tea", 3));
        await _cluster.Doors.Reached($"{id} charged");
        var cancel = await saga.Cancel();
        Assert.Equal((OrderVerbStatus.Accepted, OrderStatus.Cancelling), (cancel.Status, cancel.Order!.Status));
        Assert.Equal(OrderStatus.Cancelling, (await saga.Read())!.Status);
        _cluster.Doors.Open($"{id} charged");
        var order = await HoldfastCluster.Terminal(saga);
        Assert.Equal((OrderStatus.Cancelled, PaymentStatus.Refunded), (order.Status, order.Payment));
        Assert.Equal((0L, 1), await _cluster.Money(id));
        await AssertNothingKept(id);
    }

    [Fact]
    public async Task A_capture_that_comes_when_the_order_was_cancelled_long_ago_is_found_and_refunded()
    {
        var id = HoldfastCluster.NewOrderId();
        _cluster.Doors.Close($"{id} arrives");
        var saga = await _cluster.PlaceAs(id, "tok_ok", new OrderLine("tea", 3));
        await _cluster.Doors.Reached($"{id} arrives");
        Assert.Equal(OrderVerbStatus.Accepted, (await saga.Cancel()).Status);
        var order = await HoldfastCluster.Terminal(saga);
        Assert.Equal((OrderStatus.Cancelled, PaymentStatus.None), (order.Status, order.Payment));

        // The gateway is slower than anybody waited, and whoever sent the charge has given up.
        _cluster.Doors.Open($"{id} arrives");
        await HoldfastCluster.Until(async () => await Where(saga) == (OrderStatus.Cancelled, PaymentStatus.Refunded), "the money is back");
        Assert.Equal((0L, 1), await _cluster.Money(id));
        await AssertNothingKept(id);
    }

    [Fact]
    public async Task A_cancel_after_capture_is_refused_and_the_order_completes()
    {
        var id = HoldfastCluster.NewOrderId();
        _cluster.Doors.Close($"order/{id} order.complete");
        var saga = await _cluster.PlaceAs(id, "tok_ok", new OrderLine("tea", 3));
        await _cluster.Doors.Reached($"order/{id} order.complete");
        Assert.Equal(OrderVerbStatus.AlreadyCharged, (await saga.Cancel()).Status);
        _cluster.Doors.Open($"order/{id} order.complete");
        Assert.Equal(OrderStatus.Completed, (await HoldfastCluster.Terminal(saga)).Status);
        Assert.Equal(OrderVerbStatus.AlreadyCharged, (await saga.Cancel()).Status);
    }

    [Fact]
    public async Task A_cancel_of_a_cancelled_or_unknown_order_says_so()
    {
        var saga = await _cluster.Place("tok_declined", new OrderLine("tea", 3));
        await HoldfastCluster.Terminal(saga);
        Assert.Equal(OrderVerbStatus.Accepted, (await saga.Cancel()).Status);
        Assert.Equal(OrderVerbStatus.NotFound, (await _cluster.Order(HoldfastCluster.NewOrderId()).Cancel()).Status);
    }

    [Fact]
    public async Task A_paid_order_whose_stock_is_gone_is_undone_and_refunded()
    {
        var id = HoldfastCluster.NewOrderId();
        _cluster.Doors.Close($"order/{id} order.complete");
        var saga = await _cluster.PlaceAs(id, "tok_ok", new("cup", 5), new OrderLine("tea", 1));
        await _cluster.Doors.Reached($"order/{id} order.complete");

        // Someone takes one line away behind the order's back.
        var reservation = Contracts.PublicId.Derive("reservation", id, "cup", "1");
        await _cluster.Product("cup").Release(new(reservation));
        _cluster.Doors.Open($"order/{id} order.complete");
        var order = await HoldfastCluster.Terminal(saga);
        Assert.Equal((OrderStatus.Cancelled, OrderReason.HoldExpired), (order.Status, order.Reason));
        Assert.Equal((0L, 1), await _cluster.Money(id));
        Assert.Equal((5L, 0L), await _cluster.Stock("cup"));
        Assert.Equal((10L, 0L), await _cluster.Stock("tea"));
    }

    [Fact]
    public async Task A_read_of_an_order_that_was_never_placed_is_null_and_stores_nothing()
    {
        var id = HoldfastCluster.NewOrderId();
        Assert.Null(await _cluster.Order(id).Read());
        Assert.Empty(await _cluster.Store.ReadBackward($"order/{id}", long.MaxValue, 1, CancellationToken.None));
    }

    private static Guid Id(string publicId) =>
        Contracts.PublicId.TryParse(Contracts.PublicId.Order, publicId, out var id) ? id : throw new ArgumentException(publicId);

    private static async Task<(OrderStatus Status, PaymentStatus Payment)> Where(IOrderSaga saga)
    {
        var order = await saga.Read();
        return (order!.Status, order.Payment);
    }

    private async Task AssertNothingKept(string orderId)
    {
        Assert.Equal((10L, 0L), await _cluster.Stock("tea"));
        Assert.Equal(0L, (await _cluster.Money(orderId)).Kept);
    }
}
