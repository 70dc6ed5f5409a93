using Holdfast.Bench.Chaos;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Inventory;
using Holdfast.Domain.Orders;
using Holdfast.Views;
using Holdfast.Views.Lists;
using Holdfast.Views.Store;
using Microsoft.Extensions.Logging;

namespace Holdfast.Tests.Views;

public sealed class ViewFollowerTests : IAsyncLifetime
{
    private ViewRig _rig = null!;

    public async Task InitializeAsync() => _rig = await ViewRig.Open();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task An_order_is_listed_by_everything_that_it_can_be_found_by()
    {
        var first = await _rig.Place("ada", "R-1", "TEA", "CUP");
        var second = await _rig.Place("bob", "R-2", "TEA");
        var third = await _rig.Place("ada", null, "POT");
        await _rig.Append(OrderKind.Instance, third, new OrderEvent.Parked("order.reserve", OrderReason.StepFailed, "why"));
        await _rig.Follow();

        Assert.Equal([third, second, first], await _rig.List());
        Assert.Equal([first, second, third], await _rig.List(oldestFirst: true));
        Assert.Equal([third, first], await _rig.List(new(CustomerId: "ada")));
        Assert.Equal([second], await _rig.List(new(Reference: "R-2")));
        Assert.Equal([second, first], await _rig.List(new(Sku: "TEA")));
        Assert.Equal([first], await _rig.List(new(Sku: "TEA", CustomerId: "ada")));
        Assert.Equal([third], await _rig.List(new(Status: OrderStatus.NeedsAttention)));
        Assert.Equal([third], await _rig.List(new(Attention: true)));
        Assert.Equal([second, first], await _rig.List(new(Attention: false)));
        Assert.Equal([second], await _rig.List(new(PlacedAfter: _rig.Now.AddMilliseconds(-1), PlacedBefore: _rig.Now)));
        Assert.Empty(await _rig.List(new(CustomerId: "ADA")));
    }

    [Fact]
    public async Task A_follower_that_remembers_nothing_makes_the_same_rows()
    {
        var order = await _rig.Place("ada");
        await _rig.Follow();
        await _rig.Append(OrderKind.Instance, order, new OrderEvent.Described("R-9", null));
        await _rig.Follow();
        await _rig.Append(OrderKind.Instance, order, new OrderEvent.ReservingStarted(1, 5), new OrderEvent.LinesReserved([7], "EUR", 7, 9));
        await _rig.Follow();

        var row = Assert.Single((await _rig.Orders.Read(new(), null, 10, false, ReadPoint.Any, default)).Items);
        Assert.Equal((4L, "R-9", 7L), (row.Version, row.Reference, row.Total!.Value.Amount));
    }

    [Fact]
    public async Task What_the_feed_left_out_is_read_from_the_journal_and_counted()
    {
        var (metrics, log) = (new ViewMetrics(TimeProvider.System), new Lines());
        var follower = _rig.Follower(new StockView(), metrics, log);
        await _rig.Adjust("TEA", 1);
        await follower.Follow(static () => true, new(_rig.Feed), beside: false, default);
        Assert.Equal(0, metrics.HolesFound);
        await _rig.Adjust("TEA", 2);
        await _rig.Append(StockKind.Instance, "TEA", new StockEvent.Expired(1));
        _rig.Sql("DELETE FROM feed WHERE position = (SELECT max(position) FROM feed)");
        await _rig.Adjust("TEA", 3);
        await follower.Follow(static () => true, new(_rig.Feed), beside: false, default);

        var movements = await _rig.Movements.Read(new(), null, 10, true, ReadPoint.Any, default);

        Assert.Equal([1L, 2, 3], movements.Items.Select(static item => item.Movement.Delta));
        Assert.Equal(1, metrics.HolesFound);
        Assert.StartsWith(LoggedErrors.LeftOut, Assert.Single(log.Errors));
    }

    [Fact]
    public async Task What_the_feed_left_out_of_an_order_that_is_not_remembered_is_in_its_row()
    {
        var order = await _rig.Place("ada", "R-1", "TEA");
        await _rig.Follow();
        await _rig.Append(OrderKind.Instance, order, new OrderEvent.Described("R-2", null));
        _rig.Sql("DELETE FROM feed WHERE position = (SELECT max(position) FROM feed)");
        await _rig.Append(OrderKind.Instance, order, new OrderEvent.Parked("order.reserve", OrderReason.StepFailed, "why"));

        await _rig.Follow();

        var row = Assert.Single((await _rig.Orders.Read(new(Reference: "R-2"), null, 10, false, ReadPoint.Any, default)).Items);
        Assert.Equal((3L, OrderStatus.NeedsAttention), (row.Version, row.Status));
    }

    [Fact]
    public async Task An_order_whose_first_append_the_feed_left_out_is_listed_by_all_that_it_has()
    {
        var order = await _rig.Place("ada", "R-1", "TEA");
        _rig.Sql("DELETE FROM feed WHERE position = (SELECT max(position) FROM feed)");
        await _rig.Append(OrderKind.Instance, order, new OrderEvent.Parked("order.reserve", OrderReason.StepFailed, "why"));

        await _rig.Follow();

        Assert.Equal([order], await _rig.List(new(Sku: "TEA")));
        Assert.Equal([order], await _rig.List(new(Reference: "R-1")));
    }

    [Fact]
    public async Task An_order_in_a_list_never_goes_back()
    {
        var order = await _rig.Place("ada", "R-1", "TEA");
        await _rig.Append(OrderKind.Instance, order, new OrderEvent.Described("R-2", null));
        await _rig.Follow();
        await _rig.Append(OrderKind.Instance, order, new OrderEvent.Described("R-3", null), new OrderEvent.Described("R-4", null));
        await _rig.Store.Execute("UPDATE orders_orders_1 SET version = 5", default);

        await _rig.Follow();

        Assert.Equal([order], await _rig.List(new(Reference: "R-2")));
    }

    [Fact]
    public async Task What_an_order_is_found_by_changes_while_it_is_remembered()
    {
        var followers = _rig.Followers();
        var order = await _rig.Place("ada", "R-1", "TEA");
        await Follow();
        await _rig.Append(OrderKind.Instance, order, new OrderEvent.Described("R-2", null));
        await Follow();
        await _rig.Append(OrderKind.Instance, order, new OrderEvent.Parked("order.reserve", OrderReason.StepFailed, "why"));
        await Follow();

        Assert.Empty(await _rig.List(new(Reference: "R-1")));
        Assert.Empty(await _rig.List(new(Status: OrderStatus.Placed)));
        Assert.Equal([order], await _rig.List(new(Reference: "R-2")));
        Assert.Equal([order], await _rig.List(new(Status: OrderStatus.NeedsAttention)));
        Assert.Equal([order], await _rig.List(new(Sku: "TEA")));

        Task Follow() => followers.Follow(static () => true, default);
    }

    [Fact]
    public async Task A_view_is_made_anew_beside_the_one_that_is_read_and_takes_its_place()
    {
        string[] orders = [await _rig.Place("ada"), await _rig.Place("bob"), await _rig.Place("cleo")];
        await _rig.Follow();
        await _rig.Store.Execute("DELETE FROM orders_orders_1", default);
        Assert.Empty(await _rig.List());

        await Want(ViewNames.Orders);
        await _rig.Follow();

        Assert.Equal(orders.Reverse(), await _rig.List());
        Assert.Equal(2, Assert.Single(await new Generations(_rig.Store).Of(ViewNames.Orders, default)).Number);
        Assert.Equal(["orders_orders_2", "orders_skus_2"], await Tables("orders_"));
    }

    [Fact]
    public async Task A_view_of_more_than_a_page_is_made_anew_while_orders_arrive_and_two_follow_at_once()
    {
        for (var i = 0; i < 4_300; i++) await _rig.Place($"c{i % 7}");
        await _rig.Follow();
        await Want(ViewNames.Orders);
        var (one, other) = (_rig.Follower(new OrdersView(_rig.Journal)), _rig.Follower(new OrdersView(_rig.Journal)));
        for (var round = 0; round < 6; round++)
        {
            var looks = 0;
            await Task.WhenAll(Follow(one, () => looks++ < 1), Follow(other, () => looks++ < 2));
            await _rig.Place("late");
        }

        await Task.WhenAll(Follow(one, static () => true), Follow(other, static () => true));

        Assert.Equal(4_306, await Count(new()));
        Assert.Equal(6, await Count(new(CustomerId: "late")));
        Assert.True(Assert.Single(await new Generations(_rig.Store).Of(ViewNames.Orders, default)).Number > 1);

        Task Follow(ViewFollower follower, Func<bool> isMine) => follower.Follow(isMine, new(_rig.Feed), beside: false, default);
    }

    [Fact]
    public async Task A_new_epoch_and_another_definition_each_make_the_view_anew()
    {
        var order = await _rig.Place("ada");
        await _rig.Follow();
        var before = await _rig.Orders.Read(new(), null, 10, false, ReadPoint.Any, default);

        await _rig.Feed.Renew(default);
        await _rig.Follow();

        var after = await _rig.Orders.Read(new(), null, 10, false, ReadPoint.Any, default);
        Assert.NotEqual(before.AsOf.Epoch, after.AsOf.Epoch);
        Assert.Equal([order], await _rig.List());

        await _rig.Store.Execute("UPDATE views SET definition = 0", default);
        await Assert.ThrowsAsync<ViewBehindException>(() => _rig.List());
        await _rig.Follow();
        Assert.Equal([order], await _rig.List());
    }

    [Fact]
    public async Task A_view_that_has_come_further_than_its_journal_is_made_anew()
    {
        await _rig.Place("ada");
        await _rig.Follow();
        await _rig.Store.Execute("UPDATE views SET position = 1000", default);
        await _rig.Place("bob");

        await _rig.Follow();

        Assert.Equal(2, (await _rig.List()).Length);
    }

    [Fact]
    public async Task The_file_of_the_views_can_be_removed_and_comes_again()
    {
        string[] orders = [await _rig.Place("ada"), await _rig.Place("bob")];
        await _rig.Follow();
        foreach (var table in await Tables("")) await _rig.Store.Execute($"DROP TABLE {table}", default);

        await _rig.Followers().Initialize(default);
        await _rig.Follow();

        Assert.Equal(orders.Reverse(), await _rig.List());
    }

    [Fact]
    public async Task Products_are_listed_by_what_the_shop_shows_of_them()
    {
        await Put("TEA", "Green Tea 100%", 5);
        await _rig.Adjust("COUNTED-ONLY", 1);
        _rig.Now += TimeSpan.FromSeconds(1);
        await Put("CUP", "Cup", 6);
        await _rig.Follow();
        await Put("TEA", "Green Tea 99%", 7);
        await _rig.Follow();

        Assert.Equal([("CUP", 6L), ("TEA", 7)], await Products(new()));
        Assert.Equal([("TEA", 7L)], await Products(new("green")));
        Assert.Equal([("TEA", 7L)], await Products(new("99%")));
        Assert.Empty(await Products(new("100%")));
        Assert.Empty(await Products(new("t_a")));
        Assert.Equal([("CUP", 6L)], await Products(new("cup")));

        Task Put(string sku, string name, long price) => _rig.Append(
            StockKind.Instance, sku, new StockEvent.DetailsPut(Guid.CreateVersion7(_rig.Now), 1, name, price, "EUR"));

        async Task<(string, long)[]> Products(ProductFilter filter) =>
        [
            .. (await _rig.Products.Read(filter, null, 10, false, ReadPoint.Any, default)).Items
                .Select(static item => (item.Sku, item.UnitPrice.Amount)),
        ];
    }

    private Task<bool> Want(string view) => _rig.Store.Commit(Generations.Want(view), [], default);

    private async Task<int> Count(OrderFilter filter)
    {
        var (count, after) = (0, (ListPlace?)null);
        do
        {
            var page = await _rig.Orders.Read(filter, after, 200, true, ReadPoint.Any, default);
            (count, after) = (count + page.Items.Count, page.Next);
        }
        while (after is not null);

        return count;
    }

    private Task<List<string>> Tables(string prefix) => _rig.Store.Read(
        new ViewStatement("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE @a ORDER BY name", prefix + "%"),
        static row => row.GetString(0),
        default);

    /// <summary>What is logged as an error.</summary>
    private sealed class Lines : ILogger
    {
        public List<string> Errors { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error) Errors.Add(formatter(state, exception));
        }
    }
}
