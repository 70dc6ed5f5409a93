using Holdfast.Contracts;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Outbox.Lanes;
using Holdfast.Rings.Cluster;
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
