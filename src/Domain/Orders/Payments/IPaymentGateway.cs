namespace Holdfast.Domain.Orders.Payments;

/// <summary>
/// The company that moves the money. It keeps its own books and commits on its own: a call that ends without an answer may have
/// happened all the same. Every answer is final and is given again for the same idempotency key.
/// </summary>
public interface IPaymentGateway
{
    /// <summary>Takes the order's money, once. Cancelling stops the wait, not the charge.</summary>
    /// <exception cref="PaymentUnknownException">No answer came: it may be captured. <see cref="Find"/>, or repeat the key.</exception>
    /// <exception cref="PaymentUnavailableException">Nothing happened by this call. Repeat later with the same key.</exception>
    Task<ChargeResult> Charge(ChargeRequest request, CancellationToken cancellationToken);

    /// <summary>Gives back money of a captured charge, once for each key, and never more than was captured.</summary>
    /// <exception cref="PaymentUnknownException">No answer came: it may have been refunded. Repeat with the same key.</exception>
    /// <exception cref="PaymentUnavailableException">Nothing happened by this call. Repeat later with the same key.</exception>
    Task<RefundResult> Refund(RefundRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// The final answer to the order's charge (captured or declined) with what was refunded since, or null: nothing is known yet. A charge
    /// that is still on its way can be answered after a null.
    /// </summary>
    /// <exception cref="PaymentUnavailableException">The gateway could not be asked.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up; a question changes nothing.</exception>
    Task<ChargeResult?> Find(string orderId, CancellationToken cancellationToken);
}
