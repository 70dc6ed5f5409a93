using Holdfast.Contracts.Inventory;

namespace Holdfast.Domain.Orders.Payments;

/// <param name="IdempotencyKey">
/// Made from the order: a repeat gets the first answer. Up to <see cref="PaymentLimits.KeyLength"/> characters.
/// </param>
/// <param name="OrderId">A public id, <c>ord_…</c>; an order has at most one answered charge.</param>
/// <param name="Amount">Zero or more.</param>
/// <param name="PaymentToken">What the gateway gave for the customer's means of payment.</param>
public sealed record ChargeRequest(string IdempotencyKey, string OrderId, Money Amount, string PaymentToken);

public enum ChargeStatus
{
    Captured = 0,
    Declined = 1,

    /// <summary>The key belongs to a charge with other content. Nothing happened.</summary>
    KeyReused = 2,

    /// <summary>The order's charge has another key; <see cref="IPaymentGateway.Find"/> tells its answer. Nothing happened.</summary>
    OrderAlreadyAnswered = 3,
}

/// <summary>A final answer to a charge.</summary>
/// <param name="ChargeId">The gateway's own id; null when nothing happened.</param>
/// <param name="Amount">What was captured or declined.</param>
/// <param name="DeclineReason">For a declined charge: the gateway's code.</param>
/// <param name="Refunded">Minor units given back so far.</param>
public sealed record ChargeResult(
    ChargeStatus Status, string? ChargeId = null, Money Amount = default, string? DeclineReason = null, long Refunded = 0);
