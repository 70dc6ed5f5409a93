using Holdfast.Contracts;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Journal;
using Holdfast.Outbox.Delivery;
using Holdfast.Outbox.Lanes;
using Holdfast.Rings.Cluster;
using Holdfast.Tests;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Rings.Delivery;

public sealed class ParkThatFailsTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_step_that_can_neither_report_nor_park_is_put_back_and_not_counted()
    {
        await using var cluster = await HoldfastCluster.Start(_directory.Path, silo =>
        {
            silo.Services.Configure<OrderOptions>(order => order.StepGiveUpAfter = TimeSpan.Zero);
            silo.Services.Configure<OutboxOptions>(outbox => outbox.MaxAttempts = 1);
        });
        await cluster.CreateProduct("tea", 10);
        var id = HoldfastCluster.NewOrderId();
        var refusals = 2;
        cluster.Store.Fault = appends =>
            appends.Any(append => append.Stream == $"order/{id}" && append.ExpectedVersion == 2) && refusals-- > 0
                ? StoreFault.Refused
                : StoreFault.None;
        var saga = await cluster.PlaceAs(id, "tok_ok", new OrderLine("tea", 1));
        var order = await End(saga);
        Assert.NotEqual(OrderReason.StepFailed, order.Reason);
        Assert.Empty(await cluster.Store.ReadDeadLetters(10, CancellationToken.None));
    }

    [Fact]
    public async Task A_step_that_cannot_be_given_up_for_now_is_put_back_for_as_long_as_it_says()
    {
        var putBacks = 3;
        await using var cluster = await HoldfastCluster.Start(_directory.Path, silo =>
        {
            // A failure that is counted is waited upon for longer than the test has patience.
            silo.Services.Configure<OutboxOptions>(static outbox =>
            {
                outbox.MaxAttempts = 1;
                outbox.FirstBackoff = outbox.MaxBackoff = HoldfastCluster.Patience * 4;
            });
            silo.Services.Decorate<IMessageHandler>(inner => new HandlerWithoutPatience(inner, () => putBacks-- > 0));
        });
        await cluster.CreateProduct("tea", 10);

        var order = await HoldfastCluster.End(await cluster.Place("tok_ok", new OrderLine("tea", 1)));

        Assert.Equal((OrderStatus.NeedsAttention, OrderReason.StepFailed), (order.Status, order.Reason));
        Assert.Equal(-1, putBacks);
    }

    private sealed class HandlerWithoutPatience(IMessageHandler inner, Func<bool> putsBack) : IMessageHandler
    {
        public string Type => inner.Type;

        public Task Handle(OutboxMessage message, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("This step is broken.");

        public Task GiveUp(OutboxMessage message, string error, CancellationToken cancellationToken) => putsBack()
            ? throw new PutBackException("Not now.", TimeSpan.FromMilliseconds(10))
            : inner.GiveUp(message, error, cancellationToken);
    }

    private static async Task<Order> End(IOrderSaga saga)
    {
        while (true)
        {
            try
            {
                return await HoldfastCluster.End(saga);
            }
            catch (RetryableException)
            {
                // The order's activation ended with the append that was refused.
            }
        }
    }
}
