using System.Text;
using Holdfast.Contracts;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Journal;
using Holdfast.Outbox.Lanes;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Holdfast.Rings.Cluster;

/// <summary>
/// An owner that others have overtaken does not know it, and its lease allows answers from memory: an append that was called unknown
/// landed after it was loaded, or a second owner wrote. No message is finished and no money sent on its word.
/// </summary>
public sealed class OvertakenOwnerTests : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private HoldfastCluster _cluster = null!;

    private OrderOptions Options => _cluster.Services.GetRequiredService<IOptions<OrderOptions>>().Value;

    public async Task InitializeAsync()
    {
        _cluster = await HoldfastCluster.Start(_directory.Path, silo => silo.Services.Configure<OutboxOptions>(outbox =>
            outbox.FirstBackoff = outbox.MaxBackoff = outbox.MaxPutBack = outbox.SweepPeriod = TimeSpan.FromMilliseconds(50)));
        await _cluster.CreateProduct("tea", 10, price: 300);
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _directory.Dispose();
    }

    /// <param name="version">Of the order, before the append that is late.</param>
    /// <param name="step">The step whose report is late; none for the placing of the order itself.</param>
    [Theory]
    [InlineData("tok_ok", 0, "", OrderStatus.Completed)]
    [InlineData("tok_ok", 2, "order.reserve", OrderStatus.Completed)]
    [InlineData("tok_ok", 4, "order.charge", OrderStatus.Completed)]
    [InlineData("tok_declined", 4, "order.charge", OrderStatus.Cancelled)]
    public async Task An_append_that_lands_behind_a_fresh_owner_with_the_next_steps_message_does_not_stop_the_order(
        string token, long version, string step, OrderStatus end)
    {
        var id = HoldfastCluster.NewOrderId();
        var late = MakeLate(id, version, step);
        var placing = _cluster.PlaceAs(id, token, new OrderLine("tea", 3));
        await late.WaitAsync(HoldfastCluster.Patience);
        if (version == 0) await Assert.ThrowsAsync<RetryableException>(() => placing);
        else await _cluster.Doors.Reached($"order/{id} {step}");

        // Whoever asks loads a fresh activation, which does not see what is still to land.
        Assert.Equal(version, (await Read(id, ReadConsistency.Default))?.Version ?? 0);
        _cluster.Store.Fault = _ => StoreFault.None;
        await _cluster.Store.Land();
        await Until(id, messages => messages.All(message => message.Type == step));
        _cluster.Doors.Open($"order/{id} {step}");
        await Until(id, messages => messages.Count == 0);
        Assert.Equal(end, (await Read(id, ReadConsistency.Strong))!.Status);
        Assert.Equal(end == OrderStatus.Completed ? 900 : 0, (await _cluster.Money(id)).Kept);
        Assert.Equal((end == OrderStatus.Completed ? 7 : 10, 0), await _cluster.Stock("tea"));
    }

    [Fact]
    public async Task Nothing_is_charged_by_leave_of_an_owner_whose_order_another_has_cancelled()
    {
        var (id, step) = await StopBeforeCharge();

        // What the owner has appended itself is too long ago then.
        Options.ChargeSendWindow = TimeSpan.FromMilliseconds(200);
        await Task.Delay(Options.ChargeSendWindow, TimeProvider.System);
        await Append(id, 4, """{"type":"order.cancelling","attempt":1,"reason":"cancelled_by_customer","chargeMayBeOut":false}""");
        _cluster.Doors.Open(step);
        await Until(id, messages => messages.Count == 0);
        Assert.Equal((0, 0), await _cluster.Money(id));
        Assert.Equal(OrderStatus.Cancelling, (await Read(id, ReadConsistency.Strong))!.Status);
    }

    [Fact]
    public async Task A_permit_that_the_journal_has_not_confirmed_holds_no_longer_than_from_the_owners_last_append()
    {
        Options.ChargeSendWindow = TimeSpan.FromMinutes(2);
        var (id, step) = await StopBeforeCharge();
        var appended = TimeProvider.System.GetUtcNow();
        var questions = _cluster.Store.VersionsRead;
        await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);

        Assert.InRange(await Granted(), appended, appended + Options.ChargeSendWindow);
        Assert.Equal(questions, _cluster.Store.VersionsRead);

        Options.ChargeSendWindow = TimeSpan.FromMilliseconds(100);
        Assert.True(await Granted() > appended + Options.ChargeSendWindow);
        Assert.Equal(questions + 1, _cluster.Store.VersionsRead);
        _cluster.Doors.Open(step);

        async Task<DateTimeOffset> Granted()
        {
            var permit = await _cluster.Grains.GetGrain<IOrderSteps>(id).AskToCharge();
            Assert.Equal(ChargePermitKind.Charge, permit.Kind);
            return permit.SendBy;
        }
    }

    [Fact]
    public async Task What_was_charged_by_leave_of_an_owner_whose_order_another_has_just_cancelled_goes_back()
    {
        Options.ChargeSendWindow = TimeSpan.FromMinutes(2);
        var (id, step) = await StopBeforeCharge();
        await Append(id, 4, """{"type":"order.cancelling","attempt":1,"reason":"cancelled_by_customer","chargeMayBeOut":true}""");
        _cluster.Doors.Open(step);
        await Until(id, messages => messages.Count == 0);
        Assert.Equal((0, 1), await _cluster.Money(id));
    }

    /// <summary>An order whose charge has been decided, and whose step stands before its closed door.</summary>
    private async Task<(string Order, string Door)> StopBeforeCharge()
    {
        var id = HoldfastCluster.NewOrderId();
        var door = $"order/{id} order.charge";
        _cluster.Doors.Close(door);
        await _cluster.PlaceAs(id, "tok_ok", new OrderLine("tea", 3));
        await _cluster.Doors.Reached(door);
        return (id, door);
    }

    /// <summary>
    /// Completes when the append has been called unknown; from then on the step's door is closed. A report that is repeated at once is as late.
    /// </summary>
    private Task MakeLate(string id, long version, string step)
    {
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _cluster.Store.Fault = appends =>
        {
            if (!appends.Any(append => append.Stream == $"order/{id}" && append.ExpectedVersion == version)) return StoreFault.None;
            if (!late.Task.IsCompleted) _cluster.Doors.Close($"order/{id} {step}");
            late.TrySetResult();
            return StoreFault.Late;
        };
        return late.Task;
    }

    /// <summary>As a second owner of the order would.</summary>
    private async Task Append(string id, long version, string @event)
    {
        var result = await _cluster.Store.Commit(
            [new($"order/{id}", version, Guid.NewGuid(), TimeProvider.System.GetUtcNow(), 1, Encoding.UTF8.GetBytes($"[{@event}]"), [], [])], []);
        Assert.Equal([AppendStatus.Committed], result.Appends);
    }

    private async Task Until(string id, Func<IReadOnlyList<OutboxMessage>, bool> expected)
    {
        var until = TimeProvider.System.GetUtcNow() + HoldfastCluster.Patience;
        while (await _cluster.Messages($"order/{id}") is var messages && !expected(messages))
        {
            Assert.True(TimeProvider.System.GetUtcNow() < until, $"Still there: {string.Join(", ", messages.Select(message => message.Type))}");
            await Task.Yield();
        }
    }

    private async Task<Order?> Read(string id, ReadConsistency consistency)
    {
        for (var left = 100; ; left--)
        {
            try
            {
                return await _cluster.Order(id).Read(consistency);
            }
            catch (RetryableException) when (left > 0)
            {
                await Task.Yield();
            }
        }
    }
}
