using Rebus.Bus;
using Rebus.Handlers;
using Rebus.Sagas;

namespace Holdfast.Lab.Sagas.Rebus;

public sealed record PlaceOrder(string OrderId, string[] Skus, string PaymentToken);

public sealed record ReserveLines(string OrderId, string[] Skus);

/// <param name="Total">Null when not every line could be held.</param>
public sealed record LinesReserved(string OrderId, long? Total);

public sealed record ChargeOrder(string OrderId, long Total, string PaymentToken);

public sealed record OrderCharged(string OrderId, bool Captured);

public sealed record CompleteOrder(string OrderId);

public sealed record CancelOrder(string OrderId);

public sealed record OrderEnded(string OrderId);

/// <summary>What the saga knows between two messages.</summary>
public sealed class OrderSagaData : SagaData
{
    public string OrderId { get; set; } = "";

    public string PaymentToken { get; set; } = "";
}

/// <summary>Says what comes next; the steps are done where their commands are handled.</summary>
public sealed class OrderSaga(IBus bus, SqlShop shop)
    : Saga<OrderSagaData>,
        IAmInitiatedBy<PlaceOrder>,
        IHandleMessages<LinesReserved>,
        IHandleMessages<OrderCharged>,
        IHandleMessages<OrderEnded>
{
    public async Task Handle(PlaceOrder message)
    {
        Data.PaymentToken = message.PaymentToken;
        await shop.Accept(message.OrderId, message.Skus);
        await bus.SendLocal(new ReserveLines(message.OrderId, message.Skus));
    }

    public Task Handle(LinesReserved message) => message.Total is { } total
        ? bus.SendLocal(new ChargeOrder(message.OrderId, total, Data.PaymentToken))
        : bus.SendLocal(new CancelOrder(message.OrderId));

    public Task Handle(OrderCharged message) => message.Captured
        ? bus.SendLocal(new CompleteOrder(message.OrderId))
        : bus.SendLocal(new CancelOrder(message.OrderId));

    public Task Handle(OrderEnded message)
    {
        MarkAsComplete();
        return Task.CompletedTask;
    }

    protected override void CorrelateMessages(ICorrelationConfig<OrderSagaData> config)
    {
        config.Correlate<PlaceOrder>(static message => message.OrderId, static data => data.OrderId);
        config.Correlate<LinesReserved>(static message => message.OrderId, static data => data.OrderId);
        config.Correlate<OrderCharged>(static message => message.OrderId, static data => data.OrderId);
        config.Correlate<OrderEnded>(static message => message.OrderId, static data => data.OrderId);
    }
}
