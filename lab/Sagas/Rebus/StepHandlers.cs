using Holdfast.Domain.Orders.Payments;
using Rebus.Bus;
using Rebus.Handlers;

namespace Holdfast.Lab.Sagas.Rebus;

/// <summary>The steps. Each can be repeated: its message is gone only when the answer is sent.</summary>
public sealed class StepHandlers(IBus bus, SqlShop shop, IPaymentGateway gateway, OrderEnds ends)
    : IHandleMessages<ReserveLines>, IHandleMessages<ChargeOrder>, IHandleMessages<CompleteOrder>, IHandleMessages<CancelOrder>
{
    public async Task Handle(ReserveLines message) =>
        await bus.SendLocal(new LinesReserved(message.OrderId, await shop.Reserve(message.OrderId, message.Skus)));

    public async Task Handle(ChargeOrder message)
    {
        var charge = await gateway.Charge(SagaOrder.Charge(message.OrderId, message.Total, message.PaymentToken), CancellationToken.None);
        await bus.SendLocal(new OrderCharged(message.OrderId, charge.Status == ChargeStatus.Captured));
    }

    public async Task Handle(CompleteOrder message)
    {
        await shop.Complete(message.OrderId);
        ends.Ended(message.OrderId, OrderEnd.Completed);
        await bus.SendLocal(new OrderEnded(message.OrderId));
    }

    public async Task Handle(CancelOrder message)
    {
        await shop.Cancel(message.OrderId);
        ends.Ended(message.OrderId, OrderEnd.Cancelled);
        await bus.SendLocal(new OrderEnded(message.OrderId));
    }
}
