using System.Text.Json;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;

namespace Holdfast.Domain.Orders;

/// <summary>What the rows of an order's history say to those who read them later, in words that a shop understands.</summary>
public static class OrderLedger
{
    /// <param name="events">As stored.</param>
    /// <param name="firstVersion">Of the first event.</param>
    /// <param name="at">When the row was recorded.</param>
    public static IEnumerable<OrderHistoryEntry> EntriesOf(ReadOnlyMemory<byte> events, long firstVersion, DateTimeOffset at)
    {
        var version = firstVersion;
        foreach (var @event in JsonSerializer.Deserialize(events.Span, OrderJson.Default.OrderEventArray) ?? [])
        {
            // To the order itself nothing has happened.
            if (@event is not OrderEvent.FenceSeen)
                yield return Entry(@event, new(version, at, "")) with { Verb = @event.By?.Verb, Note = @event.By?.Note };
            version++;
        }
    }

    private static OrderHistoryEntry Entry(OrderEvent @event, OrderHistoryEntry entry) => @event switch
    {
        OrderEvent.Placed => entry with { What = "placed" },
        OrderEvent.ReservingStarted => entry with { What = "reserving" },
        OrderEvent.LinesReserved held => entry with { What = "reserved", Amount = new(held.Total, held.Currency) },
        OrderEvent.ChargingStarted => entry with { What = "charging" },
        OrderEvent.PaymentCaptured captured => entry with { What = "captured", Amount = AmountOf(captured), Detail = captured.ChargeId },
        OrderEvent.PaymentDeclined declined => entry with { What = "declined", Detail = declined.Reason },
        OrderEvent.PaymentNeverMade => entry with { What = "not_charged" },
        OrderEvent.CompletingStarted => entry with { What = "completing" },
        OrderEvent.Completed => entry with { What = "completed" },
        OrderEvent.CancellingStarted cancelling => entry with { What = "cancelling", Reason = cancelling.Reason },
        OrderEvent.LinesUndone undone => entry with { What = "goods_released", Detail = Left(undone) },
        OrderEvent.SettlingStarted => entry with { What = "settling" },
        OrderEvent.RefundStarted => entry with { What = "refunding" },
        OrderEvent.RefundFailing failing => entry with { What = "refund_failing", Detail = failing.Detail },
        OrderEvent.PaymentRefunded => entry with { What = "refunded" },
        OrderEvent.Cancelled => entry with { What = "cancelled" },
        OrderEvent.Parked parked => entry with { What = "parked", Reason = parked.Reason, Detail = $"{parked.Step}: {parked.Detail}" },
        OrderEvent.Described => entry with { What = "described" },
        OrderEvent.Erased erased => entry with { What = "erased", Reason = erased.Reason, Amount = erased.Captured },
        OrderEvent.Resumed resumed => entry with { What = "resumed", Detail = resumed.Step },
        _ => throw new InvalidOperationException($"An order has an event of an unknown type {@event.GetType().Name}."),
    };

    private static Money? AmountOf(OrderEvent.PaymentCaptured captured) =>
        captured is { Amount: { } amount, Currency: { } currency } ? new(amount, currency) : null;

    private static string? Left(OrderEvent.LinesUndone undone) =>
        undone.Left is { Length: > 0 } left ? $"left as they are: {string.Join(", ", left)}" : null;
}
