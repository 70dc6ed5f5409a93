using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Tests.Journal;

namespace Holdfast.Rings.Cluster;

/// <summary>How long there is still time to reserve goods does not depend on whose clock is right.</summary>
public sealed class DeadlineTests : IAsyncLifetime
{
    private static readonly TimeSpan Ttl = TimeSpan.FromMinutes(5);

    private readonly TempDirectory _directory = new();
    private readonly JumpingClock _clock = new();
    private HoldfastCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _cluster = await HoldfastCluster.Start(_directory.Path, _clock.Install);
        await _cluster.CreateProduct("tea", 100);
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(-31)]
    [InlineData(31)]
    public async Task One_whose_clock_is_half_a_minute_off_reserves_with_the_time_that_he_has_left(int seconds)
    {
        var deadline = _clock.GetUtcNow() + TimeSpan.FromSeconds(30 + seconds);
        Assert.Equal(ReserveStatus.Reserved, await Reserve(deadline, TimeSpan.FromSeconds(30)));
        Assert.Equal(ReserveStatus.DeadlinePassed, await Reserve(deadline, TimeSpan.FromSeconds(-1)));
    }

    [Fact]
    public async Task An_earlier_release_which_says_no_time_left_is_measured_by_its_deadline()
    {
        Assert.Equal(ReserveStatus.Reserved, await Reserve(_clock.GetUtcNow() + TimeSpan.FromSeconds(30), null));
        Assert.Equal(ReserveStatus.DeadlinePassed, await Reserve(_clock.GetUtcNow() - TimeSpan.FromSeconds(1), null));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_product_whose_time_is_ahead_of_a_clock_that_was_set_back_takes_reservations(bool newRelease)
    {
        _clock.Jump(TimeSpan.FromHours(-1));
        var within = TimeSpan.FromSeconds(30);
        Assert.Equal(ReserveStatus.Reserved, await Reserve(_clock.GetUtcNow() + within, newRelease ? within : null));
    }

    [Fact]
    public async Task An_order_that_is_placed_after_a_clock_was_set_back_is_completed()
    {
        _clock.Jump(TimeSpan.FromHours(-1));
        var order = await _cluster.Place("tok_ok", new OrderLine("tea", 1));
        Assert.Equal(OrderStatus.Completed, (await HoldfastCluster.Terminal(order)).Status);
    }

    private async Task<ReserveStatus> Reserve(DateTimeOffset deadline, TimeSpan? within) =>
        (await _cluster.Product("tea").Reserve(new(HoldfastCluster.NewOperation(), 1, Ttl, deadline) { Within = within })).Status;
}
