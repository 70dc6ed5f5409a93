namespace Holdfast.Domain.Orders.Payments;

/// <param name="IdempotencyKey">A repeat gets the first answer. Up to <see cref="PaymentLimits.KeyLength"/> characters.</param>
/// <param name="OrderId">A public id, <c>ord_…</c>: the order that the charge was for.</param>
/// <param name="ChargeId">The gateway's id of the captured charge.</param>
/// <param name="Amount">Minor units in the charge's currency, zero or more.</param>
public sealed record RefundRequest(string IdempotencyKey, string OrderId, string ChargeId, long Amount);

public enum RefundStatus
{
    Refunded = 0,

    /// <summary>The order has no charge with this id. Nothing happened.</summary>
    UnknownCharge = 1,

    /// <summary>The charge was declined: there is nothing to give back.</summary>
    NotCaptured = 2,

    /// <summary>The charge's refunds would pass what was captured. Nothing happened.</summary>
    ExceedsCaptured = 3,

    /// <summary>The key belongs to a refund with other content. Nothing happened.</summary>
    KeyReused = 4,
}

/// <param name="RefundId">The gateway's own id; null when nothing happened.</param>
/// <param name="Refunded">
/// Minor units of the charge given back so far, by all its refunds; 0 when the charge is unknown or the key reused.
/// </param>
public sealed record RefundResult(RefundStatus Status, string? RefundId = null, long Refunded = 0);
