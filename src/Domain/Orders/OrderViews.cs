using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;

namespace Holdfast.Domain.Orders;

/// <summary>An order as its owner shows it.</summary>
public static class OrderViews
{
    public static Order View(this OrderState state) => new(
        state.Operation,
        state.CustomerId,
        state.Status,
        [.. state.Lines.Select((line, i) => new OrderLine(line.Sku, line.Quantity, PriceOf(state, i)))],
        state.Total,
        state.Payment,
        state.Reason,
        state.Status != OrderStatus.NeedsAttention && state.RefundFailure is { } failure ? $"{StepType.Refund}: {failure}" : state.Detail,
        state.Shortfalls,
        state.PlacedAt,
        state.UpdatedAt,
        state.Version)
    {
        Captured = state.Captured,
        Refunded = state.Payment == PaymentStatus.Refunded ? state.Captured : null,
        Attempts = state.PaymentAttempts,
        Reference = state.Text.Reference,
        Metadata = state.Text.Entries,
        ErasedAt = state.ErasedAt,
    };

    private static Money? PriceOf(OrderState state, int line) =>
        state.Prices.Length > 0 ? new(state.Prices[line], state.Total!.Value.Currency) : null;
}
