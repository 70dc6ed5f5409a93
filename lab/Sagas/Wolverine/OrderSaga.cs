using Wolverine;
using Wolverine.Persistence.Sagas;

namespace Holdfast.Lab.Sagas.Wolverine;

public sealed record PlaceOrder([property: SagaIdentity] string OrderId, string[] Skus, string PaymentToken);

public sealed record ReserveLines(string OrderId, string[] Skus);

/// <param name="Total">Null when not every line could be held.</param>
public sealed record LinesReserved([property: SagaIdentity] string OrderId, long? Total);

public sealed record ChargeOrder(string OrderId, long Total, string PaymentToken);

public sealed record OrderCharged([property: SagaIdentity] string OrderId, bool Captured);

public sealed record CompleteOrder(string OrderId);

public sealed record CancelOrder(string OrderId);

public sealed record OrderEnded([property: SagaIdentity] string OrderId);

/// <summary>Says what comes next; what it returns is stored and sent with its own state, in one transaction.</summary>
public sealed class OrderSaga : Saga
{
    public string Id { get; set; } = "";

    public string PaymentToken { get; set; } = "";

    public static async Task<(OrderSaga Saga, ReserveLines Next)> Start(PlaceOrder message, SqlShop shop)
    {
        await shop.Accept(message.OrderId, message.Skus);
        return (new() { Id = message.OrderId, PaymentToken = message.PaymentToken }, new(message.OrderId, message.Skus));
    }

    public object Handle(LinesReserved message) =>
        message.Total is { } total ? new ChargeOrder(Id, total, PaymentToken) : new CancelOrder(Id);

    public object Handle(OrderCharged message) => message.Captured ? new CompleteOrder(Id) : new CancelOrder(Id);

    public void Handle(OrderEnded message) => MarkCompleted();

    /// <summary>A step that was repeated after a crash reports to a saga that has gone on, or is over.</summary>
    public static void NotFound(LinesReserved message)
    {
    }

    /// <inheritdoc cref="NotFound(LinesReserved)"/>
    public static void NotFound(OrderCharged message)
    {
    }

    /// <inheritdoc cref="NotFound(LinesReserved)"/>
    public static void NotFound(OrderEnded message)
    {
    }
}
