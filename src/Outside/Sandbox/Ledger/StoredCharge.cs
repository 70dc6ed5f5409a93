using System.Globalization;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders.Payments;

namespace Holdfast.Outside.Sandbox.Ledger;

/// <summary>The answer to a charge.</summary>
/// <param name="IsFirst">This very call recorded it; false when an earlier one did, or none.</param>
internal sealed record RecordedCharge(ChargeResult Result, bool IsFirst = false);

/// <summary>A charge in the books.</summary>
/// <param name="Content">Only a hash of what was asked: the payment token is nobody else's business.</param>
internal sealed record StoredCharge(
    long Number,
    string Id,
    string OrderId,
    Money Amount,
    string Status,
    string? DeclineReason,
    long Refunded,
    DateTimeOffset At,
    Guid Content)
{
    public const string Captured = "captured";
    public const string Declined = "declined";

    public bool IsCaptured => Status == Captured;

    public ChargeResult Result =>
        new(IsCaptured ? ChargeStatus.Captured : ChargeStatus.Declined, Id, Amount, DeclineReason, Refunded);

    public SandboxCharge Line => new(Number, Id, OrderId, Amount, Status, Refunded, At);

    public static string NewId(DateTimeOffset now) => $"ch_{Guid.CreateVersion7(now):N}";

    public static string NewRefundId(DateTimeOffset now) => $"re_{Guid.CreateVersion7(now):N}";

    public static Guid ContentOf(ChargeRequest request) => PublicId.Derive(
        request.OrderId, request.Amount.Amount.ToString(CultureInfo.InvariantCulture), request.Amount.Currency, request.PaymentToken);
}
