using System.Text;
using Holdfast.Contracts;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Journal;
using Holdfast.Outbox.Lanes;
using Holdfast.Rings.Delivery;
using Holdfast.Tests;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Rings.Cluster;

/// <summary>An order that is neither ended nor parked always has something that will move it: the sweep, or an operator's resume.</summary>
public sealed class StalledOrderTests : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private readonly JumpingClock _clock = new();
    private HoldfastCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _cluster = await Start();
        await _cluster.CreateProduct("tea", 10, price: 300);

        // The sweep begins with the journal.
        _clock.Jump(TimeSpan.FromHours(1));
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("order.reserve", "tok_ok")]
    [InlineData("order.charge", "tok_ok")]
    [InlineData("order.complete", "tok_ok")]
    [InlineData("order.undo", "tok_declined")]
    public async Task An_order_whose_message_is_gone_is_set_going_when_nothing_has_happened_to_it_for_long_enough(string lost, string token)
    {
        var id = await Lose(lost, token);
        _clock.Jump(TimeSpan.FromMinutes(8));
        await Swept();
        Assert.Empty(await Resumed(id));
        _clock.Jump(TimeSpan.FromMinutes(5));
        var order = await HoldfastCluster.Terminal(_cluster.Order(id));
        Assert.Equal([lost], await Resumed(id));
        var completed = order.Status == OrderStatus.Completed;
        Assert.Equal(completed ? 900 : 0, (await _cluster.Money(id)).Kept);
        Assert.Equal((completed ? 7 : 10, 0), await _cluster.Stock("tea"));
    }

    [Fact]
    public async Task An_order_that_a_message_will_move_is_left_alone_until_it_stands()
    {
        var id = HoldfastCluster.NewOrderId();
        var door = $"order/{id} order.complete";
        _cluster.Doors.Close(door);
        await _cluster.PlaceAs(id, "tok_ok", new OrderLine("tea", 3));
        await _cluster.Doors.Reached(door);
        _clock.Jump(TimeSpan.FromMinutes(15));
        await Swept();
        Assert.Empty(await Resumed(id));

        await RemoveMessages(id);
        _cluster.Doors.Break(door);
        _clock.Jump(TimeSpan.FromMinutes(15));
        Assert.Equal(OrderStatus.Completed, (await HoldfastCluster.Terminal(_cluster.Order(id))).Status);
        Assert.Equal(["order.complete"], await Resumed(id));
    }

    [Fact]
    public async Task A_look_at_a_late_charge_does_not_count_as_something_that_will_move_the_order()
    {
        var id = await Lose("order.complete", "tok_ok");
        var dueAt = _clock.GetUtcNow().AddDays(1);
        var look = new OutboxMessage(Guid.NewGuid(), 0, dueAt, 0, $"order/{id}", "order.late_charge", Encoding.UTF8.GetBytes($$"""{"order":"{{id}}","attempt":1}"""));
        await _cluster.Store.Commit([new("test/looks", 0, Guid.NewGuid(), _clock.GetUtcNow(), 1, "[{}]"u8.ToArray(), [look], [])], []);
        _clock.Jump(TimeSpan.FromMinutes(15));
        Assert.Equal(OrderStatus.Completed, (await HoldfastCluster.Terminal(_cluster.Order(id))).Status);
        Assert.Equal(["order.complete"], await Resumed(id));
    }

    [Fact]
    public async Task An_order_whose_history_cannot_be_read_keeps_no_other_from_being_set_going()
    {
        var unreadable = await Lose("order.complete", "tok_ok", PublicId.Format(PublicId.Order, new Guid(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)));
        await Store(unreadable, (await _cluster.Order(unreadable).Read())!.Version, """{"type":"order.of_tomorrow"}""");
        await Eventually.True(async () => await CannotBeLoaded(unreadable), static () => "the order should not be loaded any more");
        var id = await Lose("order.complete", "tok_ok");
        _clock.Jump(TimeSpan.FromMinutes(15));
        Assert.Equal(OrderStatus.Completed, (await HoldfastCluster.Terminal(_cluster.Order(id))).Status);
        Assert.Equal(["order.complete"], await Resumed(id));
    }

    [Fact]
    public async Task An_order_that_stood_when_the_silo_stopped_is_found_however_long_it_was_away()
    {
        await Swept();
        var id = await Lose("order.undo", "tok_declined");
        await _cluster.DisposeAsync();
        _clock.Jump(TimeSpan.FromDays(30));
        _cluster = await Start();

        // One that does not answer at once is asked again later.
        await Swept();
        _clock.Jump(TimeSpan.FromHours(7));
        Assert.Equal(OrderStatus.Cancelled, (await HoldfastCluster.Terminal(_cluster.Order(id))).Status);
        Assert.Equal(["order.undo"], await Resumed(id));

        // What has been swept is not swept again, but for what may have come in late.
        var sweptAt = _clock.GetUtcNow();
        await SweptAndMarked();
        await _cluster.DisposeAsync();
        _cluster = await Start();
        _clock.Jump(TimeSpan.FromHours(1));
        await Swept();
        Assert.All(_cluster.Store.Windows, window => Assert.True(window.From > sweptAt - TimeSpan.FromHours(2), $"{window} was swept before"));
    }

    [Fact]
    public async Task A_clock_that_was_ahead_and_is_set_back_leaves_no_hole_in_the_net()
    {
        await Swept();
        _clock.Jump(TimeSpan.FromDays(3));
        await SweptAndMarked();
        _clock.Jump(TimeSpan.FromDays(-3));
        await Eventually.True(
            async () => await _cluster.Store.ReadSweptUntil(default) < _clock.GetUtcNow(), () => "the mark should go back with the clock");
        var id = await Lose("order.undo", "tok_declined");
        await _cluster.DisposeAsync();
        _clock.Jump(TimeSpan.FromHours(1));
        _cluster = await Start();
        Assert.Equal(OrderStatus.Cancelled, (await HoldfastCluster.Terminal(_cluster.Order(id))).Status);
        Assert.Equal(["order.undo"], await Resumed(id));
    }

    [Fact]
    public async Task Money_that_is_due_to_an_order_that_has_ended_goes_back_though_nobody_asks_for_it()
    {
        var saga = await _cluster.Place("tok_declined", new OrderLine("tea", 3));
        var order = await HoldfastCluster.Terminal(saga);
        var id = saga.GetPrimaryKeyString();
        await Append(id, order.Version, """{"type":"payment.captured","chargeId":"ch_lost"}""");
        _clock.Jump(TimeSpan.FromMinutes(15));
        await Eventually.True(async () => (await Resumed(id)).Length > 0, () => "the refund should have been sent again");
        Assert.Equal(["order.refund"], await Resumed(id));
    }

    [Fact]
    public async Task A_parked_order_waits_for_its_operator()
    {
        var id = await Lose("order.complete", "tok_ok");
        await Append(id, (await _cluster.Order(id).Read())!.Version, """{"type":"order.parked","step":"order.complete","reason":"step_failed","detail":"broken"}""");
        _clock.Jump(TimeSpan.FromMinutes(15));
        await Swept();
        Assert.Empty(await Resumed(id));
    }

    [Fact]
    public async Task An_order_that_is_parked_with_its_refund_given_up_waits_for_its_operator()
    {
        var id = await Lose("order.undo", "tok_declined");
        var version = (await _cluster.Order(id).Read())!.Version;
        await Append(id, version, """{"type":"payment.captured","chargeId":"ch_lost"}""");
        await Append(id, version + 1, """{"type":"order.parked","step":"order.refund","reason":"step_failed","detail":"broken"}""");
        _clock.Jump(TimeSpan.FromMinutes(15));
        await Swept();
        Assert.Empty(await Resumed(id));
    }

    [Fact]
    public async Task An_operators_resume_moves_an_order_that_stands_and_no_other()
    {
        var id = await Lose("order.undo", "tok_declined");
        var saga = _cluster.Order(id);
        Assert.Equal(OrderVerbStatus.Accepted, (await saga.Cancel()).Status);
        Assert.Equal(OrderStatus.Cancelling, (await saga.Read())!.Status);
        Assert.Equal(OrderVerbStatus.Accepted, (await saga.Resolve(OperatorVerb.Resume)).Status);
        Assert.Equal(OrderStatus.Cancelled, (await HoldfastCluster.Terminal(saga)).Status);
        Assert.Equal(OrderVerbStatus.Ended, (await saga.Resolve(OperatorVerb.Resume)).Status);
        Assert.Equal(OrderVerbStatus.NotFound, (await _cluster.Order(HoldfastCluster.NewOrderId()).Resolve(OperatorVerb.Resume)).Status);
        Assert.Equal((10L, 0L), await _cluster.Stock("tea"));
    }

    private Task<HoldfastCluster> Start() => HoldfastCluster.Start(_directory.Path, silo =>
    {
        _clock.Install(silo);
        silo.Services.Configure<OrderOptions>(order => order.SweepPeriod = TimeSpan.FromMilliseconds(50));
        silo.Services.Configure<OutboxOptions>(outbox =>
            outbox.FirstBackoff = outbox.MaxBackoff = outbox.MaxPutBack = outbox.SweepPeriod = TimeSpan.FromMilliseconds(50));
    });

    /// <summary>An order whose message of one step is gone before its handler has run.</summary>
    private async Task<string> Lose(string step, string token, string? order = null)
    {
        var id = order ?? HoldfastCluster.NewOrderId();
        var door = $"order/{id} {step}";
        _cluster.Doors.Close(door);
        await _cluster.PlaceAs(id, token, new OrderLine("tea", 3));
        await _cluster.Doors.Reached(door);
        await RemoveMessages(id);

        // Whoever stood there runs into a failure, and finds no row to be run again from.
        _cluster.Doors.Break(door);
        await Eventually.True(async () => (await _cluster.Messages($"order/{id}")).Count == 0, () => "the message should be gone");
        return id;
    }

    private async Task RemoveMessages(string id)
    {
        foreach (var message in await _cluster.Messages($"order/{id}")) await _cluster.Store.Commit([], [OutboxChange.Finish(message)]);
    }

    private async Task<string[]> Resumed(string id)
    {
        var events = await StoredStream.Read(_cluster.Store, $"order/{id}", Assert.Fail);
        return [.. events.Where(stored => stored.Type == "order.resumed").Select(stored => stored.Body.GetProperty("step").GetString()!)];
    }

    private async Task Append(string id, long version, string @event)
    {
        await Store(id, version, @event);
        await Eventually.True(() => SeesAll(id, version + 1), () => "the order should have been loaded again");
    }

    private async Task Store(string id, long version, string @event)
    {
        var result = await _cluster.Store.Commit(
            [new($"order/{id}", version, Guid.NewGuid(), _clock.GetUtcNow(), 1, Encoding.UTF8.GetBytes($"[{@event}]"), [], [])], []);
        Assert.Equal([AppendStatus.Committed], result.Appends);
    }

    private async Task<bool> CannotBeLoaded(string id) =>
        await Record.ExceptionAsync(() => _cluster.Order(id).Read(ReadConsistency.Strong).AsTask()) is { } failure and not RetryableException and not TimeoutException
        && failure is not OrleansException;

    private async Task<bool> SeesAll(string id, long version)
    {
        try
        {
            return (await _cluster.Order(id).Read(ReadConsistency.Strong))!.Version >= version;
        }
        catch (RetryableException)
        {
            return false;
        }
    }

    /// <summary>Waits until all that is old enough now has been looked at.</summary>
    private async Task Swept()
    {
        var options = new OrderOptions();
        var quietSince = _clock.GetUtcNow() - options.StepGiveUpAfter - options.SweepMargin;

        // The second question is asked when everything that the first one found has been dealt with.
        await Eventually.True(
            () => _cluster.Store.Windows.Count(window => window.Until > quietSince) > 1, () => $"the sweep should have come to {quietSince}");
    }

    /// <summary>And that has been stored.</summary>
    private async Task SweptAndMarked()
    {
        await Swept();
        var after = _clock.GetUtcNow() - TimeSpan.FromHours(2);
        await Eventually.True(async () => await _cluster.Store.ReadSweptUntil(default) > after, () => "the sweep should leave its mark");
    }
}
