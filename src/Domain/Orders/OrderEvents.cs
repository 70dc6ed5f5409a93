using System.Text.Json.Serialization;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Orders;

/// <summary>Everything that can happen to an order. The names and members are stored: a test pins them.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Placed), "order.placed")]
[JsonDerivedType(typeof(ReservingStarted), "order.reserving")]
[JsonDerivedType(typeof(LinesReserved), "order.reserved")]
[JsonDerivedType(typeof(ChargingStarted), "order.charging")]
[JsonDerivedType(typeof(PaymentCaptured), "payment.captured")]
[JsonDerivedType(typeof(PaymentDeclined), "payment.declined")]
[JsonDerivedType(typeof(PaymentNeverMade), "payment.never_made")]
[JsonDerivedType(typeof(CompletingStarted), "order.completing")]
[JsonDerivedType(typeof(Completed), "order.completed")]
[JsonDerivedType(typeof(CancellingStarted), "order.cancelling")]
[JsonDerivedType(typeof(LinesUndone), "order.lines_undone")]
[JsonDerivedType(typeof(SettlingStarted), "payment.settling")]
[JsonDerivedType(typeof(RefundStarted), "payment.refunding")]
[JsonDerivedType(typeof(RefundFailing), "payment.refund_failing")]
[JsonDerivedType(typeof(PaymentRefunded), "payment.refunded")]
[JsonDerivedType(typeof(Cancelled), "order.cancelled")]
[JsonDerivedType(typeof(Parked), "order.parked")]
[JsonDerivedType(typeof(Resumed), "order.resumed")]
[JsonDerivedType(typeof(Described), "order.described")]
[JsonDerivedType(typeof(FenceSeen), "fence.seen")]
[JsonDerivedType(typeof(Erased), "order.erased")]
public abstract record OrderEvent
{
    /// <summary>The request that caused it, when that had a key; the first event of what it caused names it.</summary>
    public AskedBy? By { get; init; }

    /// <param name="PaymentToken">Of an order of an earlier release; now it is a row beside the stream, which does not stay.</param>
    public sealed record Placed(Guid Operation, ulong Fingerprint, string CustomerId, PlacedLine[] Lines, string? PaymentToken = null) : OrderEvent
    {
        /// <summary>The payment token on its way to its row; never part of the event.</summary>
        [JsonIgnore]
        public string? Secret { get; init; }

        /// <summary>The shop's own number or name for it.</summary>
        public string? Reference { get; init; }

        /// <summary>Null for none.</summary>
        public Dictionary<string, string>? Metadata { get; init; }
    }

    /// <param name="Attempt">Which attempt of the saga's steps; an operator's retry starts a new one.</param>
    /// <param name="Deadline">Unix milliseconds; no reserve is executed after it.</param>
    public sealed record ReservingStarted(int Attempt, long Deadline) : OrderEvent;

    /// <param name="Prices">Minor units a unit, in the order of the lines.</param>
    /// <param name="HeldUntil">Unix milliseconds; when the first of the holds expires.</param>
    public sealed record LinesReserved(long[] Prices, string Currency, long Total, long HeldUntil) : OrderEvent;

    /// <summary>The durable intent: from here on a capture may be on its way.</summary>
    /// <param name="GiveUpAt">Unix milliseconds; an outcome still unknown then needs attention.</param>
    public sealed record ChargingStarted(int Attempt, long GiveUpAt) : OrderEvent;

    /// <param name="Amount">Minor units that the gateway took; null in old rows, where it was the order's total.</param>
    /// <param name="Currency">Null together with the amount.</param>
    public sealed record PaymentCaptured(string ChargeId, long? Amount = null, string? Currency = null) : OrderEvent;

    public sealed record PaymentDeclined(string Reason) : OrderEvent;

    /// <summary>The gateway was asked when no capture should be on its way any more, and knows of none.</summary>
    /// <param name="LookAgainAt">Unix milliseconds; a gateway that was slower than that may have captured by then. Null in old rows.</param>
    public sealed record PaymentNeverMade(long? LookAgainAt = null) : OrderEvent;

    public sealed record CompletingStarted(int Attempt) : OrderEvent;

    public sealed record Completed : OrderEvent;

    /// <param name="Reason">A code of <see cref="OrderReason"/>.</param>
    /// <param name="ChargeMayBeOut">The charge's final answer has to be known before the order can end.</param>
    /// <param name="LeaveWhatFails">An operator, who was told what could not be undone, wants the order ended without it. Null: no.</param>
    public sealed record CancellingStarted(
        int Attempt, string Reason, Shortfall[]? Shortfalls, bool ChargeMayBeOut, bool? LeaveWhatFails = null) : OrderEvent;

    /// <param name="Left">The products that could not take their lines back, with an operator's leave; null: none.</param>
    public sealed record LinesUndone(string[]? Left = null) : OrderEvent;

    /// <summary>The outcome of a charge that may be out is looked for again.</summary>
    /// <param name="GiveUpAt">Unix milliseconds; an outcome still unknown then needs attention again. Null in old rows: as it was.</param>
    public sealed record SettlingStarted(int Attempt, long? GiveUpAt = null) : OrderEvent;

    public sealed record RefundStarted(int Attempt) : OrderEvent;

    /// <summary>The money does not go back, however often it is tried. It goes on being tried; somebody should look.</summary>
    public sealed record RefundFailing(string Detail) : OrderEvent;

    public sealed record PaymentRefunded : OrderEvent;

    public sealed record Cancelled : OrderEvent;

    public sealed record Parked(string Step, string Reason, string Detail) : OrderEvent;

    /// <summary>What the shop says of its order is now this.</summary>
    /// <param name="Metadata">Null for none.</param>
    public sealed record Described(string? Reference, Dictionary<string, string>? Metadata) : OrderEvent;

    /// <summary>The tombstone: the order's text is erased, and this is what is left of it. It names nobody.</summary>
    /// <param name="Operation">That the order was placed by.</param>
    /// <param name="PlacedAt">Unix milliseconds.</param>
    public sealed record Erased(
        Guid Operation,
        [property: JsonConverter(typeof(JsonStringEnumConverter<OrderStatus>))] OrderStatus Status,
        [property: JsonConverter(typeof(JsonStringEnumConverter<PaymentStatus>))] PaymentStatus Payment,
        int Attempt,
        long PlacedAt,
        PlacedLine[] Lines) : OrderEvent
    {
        /// <summary>Minor units a unit, in the order of the lines; null when they were never all held.</summary>
        public long[]? Prices { get; init; }

        public Money? Total { get; init; }

        public string? ChargeId { get; init; }

        public Money? Captured { get; init; }

        /// <summary>Oldest first.</summary>
        public ErasedAttempt[] Attempts { get; init; } = [];

        /// <summary>A code of <see cref="OrderReason"/>.</summary>
        public string? Reason { get; init; }

        /// <summary>A code of <see cref="OrderReason"/>.</summary>
        public string? CancelReason { get; init; }

        /// <summary>Null for none.</summary>
        public Shortfall[]? Shortfalls { get; init; }

        /// <summary>The products that could not take their lines back; null: none.</summary>
        public string[]? Left { get; init; }

        /// <summary>What was accepted under a key before, without what it said.</summary>
        public AskedBy[] Known { get; init; } = [];

        /// <summary>The leases of which the erased rows had seen terms: they name nobody. Null for none.</summary>
        public SeenFence[]? Fences { get; init; }
    }

    /// <summary>Something was asked under a later term of a lease than before.</summary>
    public sealed record FenceSeen(string Name, long Number) : OrderEvent;

    /// <summary>The message of a step that the order waits for is sent again. It changes nothing: the step may be under way all the same.</summary>
    /// <param name="Step">The message's type.</param>
    public sealed record Resumed(string Step) : OrderEvent;
}

/// <summary>A verb that somebody asked of an order.</summary>
/// <param name="Operation">Made from the request's key.</param>
/// <param name="Fingerprint">Of what else it said.</param>
/// <param name="Note">What whoever asked had to say.</param>
public sealed record AskedBy(string Verb, Guid Operation, ulong Fingerprint, string? Note = null)
{
    public const string Cancel = "cancel";
    public const string Describe = "describe";
    public const string Erase = "erase";

    public static string NameOf(OperatorVerb verb) => verb switch
    {
        OperatorVerb.Retry => "retry",
        OperatorVerb.Compensate => "compensate",
        OperatorVerb.Complete => "complete",
        OperatorVerb.Resume => "resume",
        _ => throw new ArgumentOutOfRangeException(nameof(verb), verb, null),
    };
}

/// <summary>A verb with what it decides.</summary>
public readonly record struct AskedVerb(AskedBy By, Func<OrderState, DateTimeOffset, Decision<OrderEvent, OrderVerbStatus>> Verb);

/// <summary>A line as it was placed.</summary>
public sealed record PlacedLine(string Sku, long Quantity);

/// <summary>A try to take the money of an order whose text is erased.</summary>
/// <param name="At">Unix milliseconds.</param>
public sealed record ErasedAttempt(
    [property: JsonConverter(typeof(JsonStringEnumConverter<PaymentAttemptStatus>))] PaymentAttemptStatus Status,
    long At,
    string? ChargeId = null,
    string? DeclineCode = null)
{
    public static ErasedAttempt From(PaymentAttempt attempt) =>
        new(attempt.Status, attempt.At.ToUnixTimeMilliseconds(), attempt.ChargeId, attempt.DeclineCode);

    public PaymentAttempt ToAttempt() => new(Status, DateTimeOffset.FromUnixTimeMilliseconds(At), ChargeId, DeclineCode);
}
