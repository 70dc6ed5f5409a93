using Holdfast.Contracts.Inventory;

namespace Holdfast.Contracts.Orders;

/// <summary>Where an order is. The terminal states are <see cref="Completed"/> and <see cref="Cancelled"/>.</summary>
public enum OrderStatus
{
    /// <summary>Accepted and durable; nothing has been asked of any product yet.</summary>
    Placed = 0,

    /// <summary>Each product is asked to hold its line.</summary>
    Reserving = 1,

    /// <summary>Every line is held; the payment is being captured.</summary>
    Charging = 2,

    /// <summary>Paid; the holds are being turned into sales.</summary>
    Completing = 3,

    /// <summary>Paid and sold.</summary>
    Completed = 4,

    /// <summary>Being undone: holds released, sales returned, money refunded.</summary>
    Cancelling = 5,

    /// <summary>Nothing is held, and nothing was kept of the money.</summary>
    Cancelled = 6,

    /// <summary>Parked for an operator, who can retry, compensate or complete it.</summary>
    NeedsAttention = 7,
}

/// <summary>What happened to the order's money.</summary>
public enum PaymentStatus
{
    None = 0,

    /// <summary>A capture may be on its way.</summary>
    Pending = 1,
    Captured = 2,
    Declined = 3,
    Refunded = 4,
}

public enum PaymentAttemptStatus
{
    /// <summary>A capture may be on its way.</summary>
    Pending = 0,
    Captured = 1,
    Declined = 2,

    /// <summary>Given up: the gateway knew of no charge, or none was ever sent.</summary>
    Closed = 3,
}

/// <summary>One try to take the order's money.</summary>
/// <param name="At">When it came to its status.</param>
/// <param name="ChargeId">The gateway's own, once it has captured.</param>
/// <param name="DeclineCode">The gateway's own, when it has declined.</param>
[GenerateSerializer, Immutable, Alias("holdfast.PaymentAttempt")]
public sealed record PaymentAttempt(
    [property: Id(0)] PaymentAttemptStatus Status,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] string? ChargeId = null,
    [property: Id(3)] string? DeclineCode = null);

/// <summary>Why an order was cancelled or parked. The texts are stable codes.</summary>
public static class OrderReason
{
    public const string InsufficientStock = "insufficient_stock";
    public const string UnknownProduct = "unknown_product";

    /// <summary>The product is not for sale any more.</summary>
    public const string Archived = "archived";
    public const string MixedCurrencies = "mixed_currencies";
    public const string TotalTooLarge = "total_too_large";
    public const string ReserveTimeout = "reserve_timeout";
    public const string PaymentDeclined = "payment_declined";
    public const string PaymentTimeout = "payment_timeout";
    public const string PaymentUnknown = "payment_unknown";
    public const string PaymentLate = "payment_late";
    public const string HoldExpired = "hold_expired";
    public const string CancelledByCustomer = "cancelled_by_customer";
    public const string CancelledForFraud = "cancelled_for_fraud";
    public const string CancelledForInventory = "cancelled_for_inventory";
    public const string CancelledForOther = "cancelled_for_other";
    public const string CompensatedByOperator = "compensated_by_operator";
    public const string StepFailed = "step_failed";
    public const string StepTimeout = "step_timeout";

    /// <summary>Why an order is listed as in need of attention of which a step is tried again by itself.</summary>
    public const string Retrying = "retrying";

    /// <summary>Why an order needs attention that has ended, or is on its way to it: its refund does not get through.</summary>
    public const string RefundFailing = "refund_failing";
}

/// <param name="Quantity">Units; the lines of one SKU are summed.</param>
/// <param name="UnitPrice">The product's price when it was reserved; null until then.</param>
[GenerateSerializer, Immutable, Alias("holdfast.OrderLine")]
public sealed record OrderLine([property: Id(0)] string Sku, [property: Id(1)] long Quantity, [property: Id(2)] Money? UnitPrice = null);

/// <summary>Asked minus available, for one SKU of a refused order.</summary>
/// <param name="Reason">A code of <see cref="OrderReason"/>; null in what was stored before there was one.</param>
[GenerateSerializer, Immutable, Alias("holdfast.Shortfall")]
public sealed record Shortfall([property: Id(0)] string Sku, [property: Id(1)] long Asked, [property: Id(2)] long Available, [property: Id(3)] string? Reason = null);

/// <summary>An order as its owner knows it.</summary>
/// <param name="Total">Computed by the server from the prices at reservation; null until every line is held.</param>
/// <param name="Reason">A code of <see cref="OrderReason"/> for a cancelled or parked order.</param>
/// <param name="Detail">For a parked order, and one whose refund does not get through: which step failed, and how.
/// Of a cancelled one: what could not be undone.</param>
[GenerateSerializer, Immutable, Alias("holdfast.Order")]
public sealed record Order(
    [property: Id(0)] Guid Id,
    [property: Id(1)] string CustomerId,
    [property: Id(2)] OrderStatus Status,
    [property: Id(3)] OrderLine[] Lines,
    [property: Id(4)] Money? Total,
    [property: Id(5)] PaymentStatus Payment,
    [property: Id(6)] string? Reason,
    [property: Id(7)] string? Detail,
    [property: Id(8)] Shortfall[] Shortfalls,
    [property: Id(9)] DateTimeOffset PlacedAt,
    [property: Id(10)] DateTimeOffset UpdatedAt,
    [property: Id(11)] long Version)
{
    public bool Ended => Status is OrderStatus.Completed or OrderStatus.Cancelled;

    /// <summary>What the gateway took, which need not be the total; null when it took nothing.</summary>
    [Id(12)]
    public Money? Captured { get; init; }

    /// <summary>What went back of it; null when nothing did.</summary>
    [Id(13)]
    public Money? Refunded { get; init; }

    /// <summary>Oldest first.</summary>
    [Id(14)]
    public PaymentAttempt[] Attempts { get; init; } = [];

    /// <summary>The shop's own number or name for it; need not be unique.</summary>
    [Id(15)]
    public string? Reference { get; init; }

    /// <summary>By name.</summary>
    [Id(16)]
    public MetadataEntry[] Metadata { get; init; } = [];

    /// <summary>When its text was erased: since then it has no customer, reference, metadata and notes. Null when it was not.</summary>
    [Id(17)]
    public DateTimeOffset? ErasedAt { get; init; }
}
