using Holdfast.Contracts.Orders;

namespace Holdfast.Domain.Orders;

public sealed partial class OrderState
{
    /// <summary>When the order's text was erased; null when it was not.</summary>
    public DateTimeOffset? ErasedAt { get; private set; }

    /// <summary>The products that could not take their lines back, with an operator's leave; null: none.</summary>
    public string[]? Left { get; private set; }

    /// <summary>What there is to know of them; null when there are none.</summary>
    public string? DetailOfLeft => Left is { Length: > 0 } left ? $"{StepType.Undo}: left as they are: {Names(left)}" : null;

    /// <summary>From here on exactly what a replay of the erased rows can know: what the tombstone does not say is as at first.</summary>
    private void Erase(OrderEvent.Erased left, DateTimeOffset at)
    {
        (Operation, Fingerprint, CustomerId, Text, Descriptions) = (left.Operation, 0, "", OrderText.None, 0);
        (PaymentToken, KeepsToken, RefundFailure, _attention) = ("", false, null, null);
        (Lines, Prices, Total, Shortfalls) = (left.Lines, left.Prices ?? [], left.Total, left.Shortfalls ?? []);
        (Status, Payment, ChargeId, Captured) = (left.Status, left.Payment, left.ChargeId, left.Captured);
        (Attempt, LinesUndone, LeavesWhatFails) = (left.Attempt, left.Status == OrderStatus.Cancelled, false);
        (ParkedFrom, ParkedStep) = (default, null);
        (Reason, CancelReason, Left) = (left.Reason, left.CancelReason, left.Left);
        Detail = DetailOfLeft;
        (PlacedAt, ErasedAt) = (DateTimeOffset.FromUnixTimeMilliseconds(left.PlacedAt), at);
        (ReserveDeadline, HeldUntil, GiveUpChargeAt, FirstChargeAt) = (default, default, default, default);
        (_neverMade, NeverMade, _working) = (false, default, false);
        _worked.Clear();
        _payments.Restore(left.Attempts.Select(static attempt => attempt.ToAttempt()));
        Fences = left.Fences;
        ReserveAttempts.Clear();
        Asked.Clear();
        Asked.AddRange(left.Known);
        if (left.By is { } by) AskedVerbs.Remember(Asked, by);
    }
}
