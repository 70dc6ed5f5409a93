using Holdfast.Contracts.Orders;
using Holdfast.Domain.Inventory;
using Holdfast.Domain.Orders;
using Holdfast.Views;
using Holdfast.Views.Lists;
using Microsoft.Data.Sqlite;

namespace Holdfast.Tests.Views;

/// <summary>What happens to the views' database without the followers, and how they go on.</summary>
public sealed class ViewFaultTests : IAsyncLifetime
{
    private ViewRig _rig = null!;

    public async Task InitializeAsync() => _rig = await ViewRig.Open();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Theory]
    [InlineData("orders_orders_1")]
    [InlineData("views")]
    public async Task What_somebody_dropped_under_a_running_follower_is_made_anew(string table)
    {
        var followers = _rig.Followers();
        var first = await _rig.Place("ada");
        await Follow();
        await _rig.Store.Execute($"DROP TABLE {table}", default);
        var second = await _rig.Place("ada");

        await Follow();
        await Follow();

        Assert.Equal([second, first], await _rig.List());

        Task Follow() => followers.Follow(static () => true, default);
    }

    [Fact]
    public async Task A_file_that_somebody_removed_under_a_running_follower_comes_again()
    {
        var followers = _rig.Followers();
        var first = await _rig.Place("ada");
        await Follow();
        foreach (var suffix in new[] { "", "-wal", "-shm" }) File.Delete(_rig.Store.Name + suffix);
        SqliteConnection.ClearAllPools();
        var second = await _rig.Place("ada");

        await Follow();
        await Follow();

        Assert.Equal([second, first], await _rig.List());

        Task Follow() => followers.Follow(static () => true, default).WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_view_that_cannot_go_on_says_so_and_is_made_anew_when_somebody_wants_it()
    {
        var followers = _rig.Followers();
        await _rig.Adjust("TEA", 1);
        await _rig.Append(StockKind.Instance, "TEA", Details("Tea"));
        await Follow();
        Assert.Null(followers.Metrics.States[ViewNames.Stock].HeldSince);
        await _rig.Store.Execute("UPDATE stock_products_1 SET body = 'no JSON'", default);
        await _rig.Append(StockKind.Instance, "TEA", Details("Green tea"));
        await Follow();
        Assert.NotNull(followers.Metrics.States[ViewNames.Stock].HeldSince);
        Assert.Null(followers.Metrics.States[ViewNames.Orders].HeldSince);

        Assert.True(await ViewFollowers.Want(ViewNames.Stock, _rig.Store, default));
        await Follow();

        Assert.Null(followers.Metrics.States[ViewNames.Stock].HeldSince);
        var page = await _rig.Products.Read(new(), null, 10, false, ReadPoint.Any, default);
        Assert.Equal("Green tea", Assert.Single(page.Items).Name);

        Task Follow() => followers.Follow(static () => true, default);
    }

    [Fact]
    public async Task Who_takes_a_view_over_again_remembers_nothing_of_a_history_that_was_lost()
    {
        var (one, other) = (_rig.Followers(), _rig.Followers());
        var order = await _rig.Place("ada", "R-1");
        await _rig.Append(OrderKind.Instance, order, new OrderEvent.Described("R-2", null));
        await one.Follow(static () => true, default);

        // A failover lost the second append, and another was decided in its place.
        _rig.Sql("UPDATE journal SET events = replace(events, 'R-2', 'R-9')");
        await _rig.Feed.Renew(default);
        await other.Follow(static () => true, default);
        await _rig.Append(OrderKind.Instance, order, new OrderEvent.Parked("order.reserve", OrderReason.StepFailed, "why"));
        await one.Follow(static () => true, default);

        var row = Assert.Single((await _rig.Orders.Read(new(), null, 10, false, ReadPoint.Any, default)).Items);
        Assert.Equal((3L, "R-9"), (row.Version, row.Reference));
    }

    private StockEvent.DetailsPut Details(string name) => new(Guid.CreateVersion7(_rig.Now), 1, name, 5, "EUR");
}
