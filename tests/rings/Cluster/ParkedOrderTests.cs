using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Outbox.Delivery;
using Holdfast.Outbox.Lanes;
using Holdfast.Tests;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Rings.Cluster;

/// <summary>A step that keeps failing parks its order; an operator's verb gets it to one of its two ends.</summary>
public sealed class ParkedOrderTests : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private volatile string _failing = "";
    private volatile string _broken = "";
    private HoldfastCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _cluster = await HoldfastCluster.Start(_directory.Path, silo =>
        {
            silo.Services.Configure<OutboxOptions>(outbox =>
            {
                outbox.MaxAttempts = 3;
                outbox.FirstBackoff = TimeSpan.FromMilliseconds(10);
            });
            silo.AddIncomingGrainCallFilter(call => _broken.Length > 0 && call.MethodName == _broken && $"{call.TargetId.Key}" == "bad"
                ? throw new InvalidOperationException("This product is broken.")
                : call.Invoke());
            silo.Services.Decorate<IMessageHandler>(inner => new FailingHandler(
                inner, message => message.Type == _failing ? new InvalidOperationException("This step is broken.") : null));
        });
        await _cluster.CreateProduct("tea", 10, price: 300);
        await _cluster.CreateProduct("bad", 10, price: 300);
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("order.reserve", OperatorVerb.Retry, OrderStatus.Completed)]
    [InlineData("order.reserve", OperatorVerb.Compensate, OrderStatus.Cancelled)]
    [InlineData("order.charge", OperatorVerb.Retry, OrderStatus.Completed)]
    [InlineData("order.complete", OperatorVerb.Retry, OrderStatus.Completed)]
    [InlineData("order.complete", OperatorVerb.Complete, OrderStatus.Completed)]
    [InlineData("order.complete", OperatorVerb.Compensate, OrderStatus.Cancelled)]
    public async Task A_parked_order_ends_as_the_operator_says(string failing, OperatorVerb verb, OrderStatus end)
    {
        _failing = failing;
        var saga = await _cluster.Place("tok_ok", new OrderLine("tea", 3));
        var parked = await HoldfastCluster.End(saga);
        Assert.Equal((OrderStatus.NeedsAttention, OrderReason.StepFailed), (parked.Status, parked.Reason));
        Assert.Contains("This step is broken", parked.Detail, StringComparison.Ordinal);
        await DeadLetter(failing);
        _failing = "";
        Assert.Equal(OrderVerbStatus.Accepted, (await saga.Resolve(verb)).Status);
        var order = await HoldfastCluster.Terminal(saga);
        Assert.Equal(end, order.Status);
        var completed = end == OrderStatus.Completed;
        Assert.Equal((completed ? 7L : 10L, 0L), await _cluster.Stock("tea"));
        Assert.Equal(completed ? 900L : 0L, (await _cluster.Money(saga.GetPrimaryKeyString())).Kept);
        Assert.Equal(OrderVerbStatus.NotParked, (await saga.Resolve(verb)).Status);
    }

    [Fact]
    public async Task A_broken_compensation_is_parked_and_finished_by_a_retry()
    {
        _failing = "order.undo";
        var saga = await _cluster.Place("tok_declined", new OrderLine("tea", 3));
        var parked = await HoldfastCluster.End(saga);
        Assert.Equal(OrderStatus.NeedsAttention, parked.Status);
        _failing = "";
        Assert.Equal(OrderVerbStatus.BeingUndone, (await saga.Resolve(OperatorVerb.Complete)).Status);
        Assert.Equal(OrderVerbStatus.Accepted, (await saga.Resolve(OperatorVerb.Retry)).Status);
        var order = await HoldfastCluster.Terminal(saga);
        Assert.Equal((OrderStatus.Cancelled, OrderReason.PaymentDeclined), (order.Status, order.Reason));
        Assert.Equal((10L, 0L), await _cluster.Stock("tea"));
    }

    [Fact]
    public async Task A_line_that_no_product_can_have_cancels_the_order_which_holds_nothing()
    {
        var order = await HoldfastCluster.Terminal(await _cluster.Place("tok_ok", new("tea", 3), new OrderLine(" ", 1)));

        Assert.Equal((OrderStatus.Cancelled, OrderReason.UnknownProduct), (order.Status, order.Reason));
        Assert.Equal((10L, 0L), await _cluster.Stock("tea"));
    }

    [Fact]
    public async Task A_line_that_can_never_be_undone_keeps_no_other_from_it_and_compensate_ends_the_order_without_it()
    {
        _broken = nameof(IProductInventory.Undo);
        var saga = await _cluster.Place("tok_declined", new("bad", 2), new OrderLine("tea", 3));
        var parked = await HoldfastCluster.End(saga);
        Assert.Equal((OrderStatus.NeedsAttention, OrderReason.StepFailed), (parked.Status, parked.Reason));
        Assert.Contains("bad: This product is broken.", parked.Detail, StringComparison.Ordinal);
        Assert.Equal((10L, 0L), await _cluster.Stock("tea"));

        Assert.Equal(OrderVerbStatus.Accepted, (await saga.Resolve(OperatorVerb.Retry)).Status);
        Assert.Equal(OrderStatus.NeedsAttention, (await HoldfastCluster.End(saga)).Status);
        Assert.Equal(OrderVerbStatus.Accepted, (await saga.Resolve(OperatorVerb.Compensate)).Status);

        var order = await HoldfastCluster.Terminal(saga);
        Assert.Equal(OrderStatus.Cancelled, order.Status);
        Assert.Contains("bad", order.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_can_never_be_sold_keeps_no_other_from_it_and_compensate_gives_all_back()
    {
        _broken = nameof(IProductInventory.Commit);
        var saga = await _cluster.Place("tok_ok", new("bad", 2), new OrderLine("tea", 3));
        var parked = await HoldfastCluster.End(saga);
        Assert.Equal(OrderStatus.NeedsAttention, parked.Status);
        Assert.Equal((7L, 0L), await _cluster.Stock("tea"));

        Assert.Equal(OrderVerbStatus.Accepted, (await saga.Resolve(OperatorVerb.Compensate)).Status);
        Assert.Equal(OrderStatus.Cancelled, (await HoldfastCluster.Terminal(saga)).Status);
        Assert.Equal((10L, 0L), await _cluster.Stock("tea"));
        Assert.Equal((10L, 0L), await _cluster.Stock("bad"));
        Assert.Equal(0L, (await _cluster.Money(saga.GetPrimaryKeyString())).Kept);
    }

    [Fact]
    public async Task A_verb_keeps_its_key()
    {
        _failing = "order.reserve";
        var saga = await _cluster.Place("tok_ok", new OrderLine("tea", 3));
        await HoldfastCluster.End(saga);
        var operation = HoldfastCluster.NewOperation();
        Assert.Equal(OrderVerbStatus.Accepted, (await saga.Resolve(OperatorVerb.Compensate, operation)).Status);
        await HoldfastCluster.Terminal(saga);

        var again = await saga.Resolve(OperatorVerb.Compensate, operation);
        Assert.Equal((OrderVerbStatus.Accepted, true, OrderStatus.Cancelled), (again.Status, again.Replayed, again.Order!.Status));
        Assert.Equal(OrderVerbStatus.KeyReused, (await saga.Resolve(OperatorVerb.Retry, operation)).Status);
        Assert.Equal(OrderVerbStatus.NotParked, (await saga.Resolve(OperatorVerb.Compensate, HoldfastCluster.NewOperation())).Status);
    }

    [Fact]
    public async Task An_order_parked_before_it_was_charged_can_be_cancelled()
    {
        _failing = "order.reserve";
        var saga = await _cluster.Place("tok_ok", new OrderLine("tea", 3));
        await HoldfastCluster.End(saga);
        Assert.Equal(OrderVerbStatus.Accepted, (await saga.Cancel()).Status);
        Assert.Equal(OrderStatus.Cancelled, (await HoldfastCluster.Terminal(saga)).Status);
    }

    [Fact]
    public async Task One_poisonous_message_does_not_hold_up_the_others_of_its_lane()
    {
        _failing = "order.reserve";
        var poisoned = await _cluster.Place("tok_ok", new OrderLine("tea", 1));
        _failing = "";
        var orders = await Task.WhenAll(Enumerable.Range(0, 9).Select(_ => _cluster.Place("tok_ok", new OrderLine("tea", 1))));
        foreach (var order in orders) Assert.Equal(OrderStatus.Completed, (await HoldfastCluster.Terminal(order)).Status);
        await HoldfastCluster.End(poisoned);
    }

    private async Task DeadLetter(string type)
    {
        // The order is told first, then the row moves: the letter follows the parked order by one commit.
        var until = TimeProvider.System.GetUtcNow() + HoldfastCluster.Patience;
        while (true)
        {
            var letters = await _cluster.Store.ReadDeadLetters(10, CancellationToken.None);
            if (letters.Count > 0)
            {
                Assert.Equal(type, Assert.Single(letters).Message.Type);
                return;
            }

            Assert.True(TimeProvider.System.GetUtcNow() < until, "The failed message should have become a dead letter.");
            await Task.Yield();
        }
    }
}
