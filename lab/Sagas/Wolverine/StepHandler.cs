using Holdfast.Domain.Orders.Payments;

namespace Holdfast.Lab.Sagas.Wolverine;

/// <summary>The steps. What one returns is in the inbox table before its own message is marked as handled; so each can be repeated.</summary>
public sealed class StepHandler(SqlShop shop, IPaymentGateway gateway, OrderEnds ends)
{
    public async Task<LinesReserved> Handle(ReserveLines message) => new(message.OrderId, await shop.Reserve(message.OrderId, message.Skus));

    public async Task<OrderCharged> Handle(ChargeOrder message)
    {
        var charge = await gateway.Charge(SagaOrder.Charge(message.OrderId, message.Total, message.PaymentToken), CancellationToken.None);
        return new(message.OrderId, charge.Status == ChargeStatus.Captured);
    }

    public async Task<OrderEnded> Handle(CompleteOrder message)
    {
        await shop.Complete(message.OrderId);
        ends.Ended(message.OrderId, OrderEnd.Completed);
        return new(message.OrderId);
    }

    public async Task<OrderEnded> Handle(CancelOrder message)
    {
        await shop.Cancel(message.OrderId);
        ends.Ended(message.OrderId, OrderEnd.Cancelled);
        return new(message.OrderId);
    }
}
