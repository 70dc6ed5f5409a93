using System.Globalization;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders.Payments;
using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Orders;

/// <summary>What the owner of one order knows. Changed only by applying events; it ends once, in exactly one terminal state.</summary>
public sealed partial class OrderState(string publicId) : IOwnerState<OrderEvent>
{
    /// <summary>Products that a detail names.</summary>
    private const int MaxNamed = 5;

    /// <summary>The name of the payment token's row beside the stream. Stored.</summary>
    public const string TokenName = "payment_token";

    private static readonly SecretRow[] TokenGone = [new(TokenName, null)];

    private readonly List<TimeRange> _worked = [];
    private readonly PaymentHistory _payments = new();
    private (string Reason, string Detail)? _attention;
    private bool _neverMade;
    private bool _working;

    public string PublicId { get; } = publicId;

    /// <summary>Of the last event that changed the order: one that only says what leases it has seen moves nobody's ETag.</summary>
    public long Version { get; private set; }

    public Guid Operation { get; private set; }

    public ulong Fingerprint { get; private set; }

    public string CustomerId { get; private set; } = "";

    /// <summary>Empty when it has to be read beside the stream, and when nobody needs it any more. Not replayed.</summary>
    public string PaymentToken { get; private set; } = "";

    /// <summary>The payment token is in its row beside the stream: a charge may still have to be sent, by an operator's retry perhaps.</summary>
    public bool KeepsToken { get; private set; }

    /// <summary>Why the refund that is due does not get through; null when nothing is known to be in its way.</summary>
    public string? RefundFailure { get; private set; }

    /// <summary>Somebody should look at it: it is parked, or its refund does not get through.</summary>
    public bool NeedsAttention => _attention is not null;

    /// <summary>What the last event changed in the rows beside the stream.</summary>
    public BesideRows? Beside { get; private set; }

    public PlacedLine[] Lines { get; private set; } = [];

    /// <summary>What the shop says of its order.</summary>
    public OrderText Text { get; private set; } = OrderText.None;

    public int Descriptions { get; private set; }

    /// <summary>In the order of the lines; empty until every line is held.</summary>
    public long[] Prices { get; private set; } = [];

    public Money? Total { get; private set; }

    public OrderStatus Status { get; private set; }

    public PaymentStatus Payment { get; private set; }

    public string? ChargeId { get; private set; }

    /// <summary>What the gateway took, which need not be the total: a charge that shows up late was made at the prices of then.</summary>
    public Money? Captured { get; private set; }

    public bool LinesUndone { get; private set; }

    /// <summary>What can never be undone is left: an operator has seen it fail.</summary>
    public bool LeavesWhatFails { get; private set; }

    public int Attempt { get; private set; }

    /// <summary>Where the order was when it was parked.</summary>
    public OrderStatus ParkedFrom { get; private set; }

    /// <summary>The step that was given up then.</summary>
    public string? ParkedStep { get; private set; }

    public string? Reason { get; private set; }

    public string? Detail { get; private set; }

    /// <summary>Why the order is being cancelled; kept while it is parked on the way.</summary>
    public string? CancelReason { get; private set; }

    public Shortfall[] Shortfalls { get; private set; } = [];

    /// <summary>Oldest first.</summary>
    public PaymentAttempt[] PaymentAttempts => _payments.Attempts;

    public DateTimeOffset PlacedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public DateTimeOffset ReserveDeadline { get; private set; }

    public DateTimeOffset HeldUntil { get; private set; }

    public DateTimeOffset GiveUpChargeAt { get; private set; }

    /// <summary>The earliest moment at which the gateway can have heard of the charge's key.</summary>
    public DateTimeOffset FirstChargeAt { get; private set; }

    /// <summary>
    /// The gateway knew of no charge when none should be on its way any more. A gateway that is slower than that, or a process that stood
    /// still between its last look at the clock and the send, can prove it wrong.
    /// </summary>
    public bool NeverCharged => _neverMade && Payment == PaymentStatus.None;

    /// <summary>When, and in which attempt, that was found.</summary>
    public (DateTimeOffset At, int Attempt) NeverMade { get; private set; }

    public bool Exists => PlacedAt != default;

    /// <summary>The completion rule: nothing follows any more.</summary>
    public bool Ended => Status is OrderStatus.Completed or OrderStatus.Cancelled;

    /// <summary>As much was captured as the order costs, or it costs nothing.</summary>
    public bool IsPaid => Total is { } total && (total.Amount == 0 || (Payment == PaymentStatus.Captured && Captured == total));

    /// <summary>What was captured is not what the order costs: it is to go back wherever the order goes.</summary>
    public bool HasTakenOther => Payment == PaymentStatus.Captured && Captured != Total;

    /// <summary>Nothing of the customer's money is kept, and none can be on its way.</summary>
    public bool PaymentSettled => Payment is PaymentStatus.None or PaymentStatus.Declined or PaymentStatus.Refunded;

    /// <summary>Captured money that is to go back; once begun, a refund goes on while the order waits for an operator.</summary>
    public bool RefundIsDue => Payment == PaymentStatus.Captured
        && (Status is OrderStatus.Cancelling or OrderStatus.Cancelled
            || (HasTakenOther && Status is OrderStatus.Completing or OrderStatus.Completed)
            || (Status == OrderStatus.NeedsAttention && ParkedFrom == OrderStatus.Cancelling));

    /// <summary>The attempts that asked for reservations, oldest first; each under ids of its own, or a retry would find the old, expired ones.</summary>
    public List<int> ReserveAttempts { get; } = [];

    /// <summary>What was accepted under a key, oldest first.</summary>
    public List<AskedBy> Asked { get; } = [];

    /// <summary>When steps can have changed the order's reservations, oldest first.</summary>
    public TimeRange[] Worked(DateTimeOffset now) => _working ? [.. _worked[..^1], _worked[^1] with { Through = now }] : [.. _worked];

    public Guid ReservationOf(PlacedLine line, int attempt) => Holdfast.Contracts.PublicId.Derive(
        "reservation", PublicId, line.Sku, attempt.ToString(CultureInfo.InvariantCulture));

    /// <summary>The order itself is the receipt of the request that placed it; those of its verbs are kept for ever, up to their bound.</summary>
    public bool TryGetReceipt(Guid operation, out Receipt receipt)
    {
        var asked = Exists && operation == Operation ? new("", Operation, Fingerprint) : Asked.Find(asked => asked.Operation == operation);
        receipt = asked is null ? default : new(asked.Fingerprint, 0, 0, 0, 0);
        return asked is not null;
    }

    /// <summary>What was read beside the stream.</summary>
    public void RecallToken(string token)
    {
        if (KeepsToken) PaymentToken = token;
    }

    public void Apply(OrderEvent @event, long version, DateTimeOffset at)
    {
        if (TakesAsFence(@event)) return;
        (Version, UpdatedAt) = (version, at);
        if (@event.By is { } by) AskedVerbs.Remember(Asked, by);
        switch (@event)
        {
            case OrderEvent.Placed placed:
                (Operation, Fingerprint, CustomerId) = (placed.Operation, placed.Fingerprint, placed.CustomerId);
                (Lines, PlacedAt, Status) = (placed.Lines, at, OrderStatus.Placed);
                Text = new(placed.Reference, placed.Metadata);
                (PaymentToken, KeepsToken) = (placed.PaymentToken ?? placed.Secret ?? "", placed.PaymentToken is null);
                break;
            case OrderEvent.Described described:
                (Text, Descriptions) = (new(described.Reference, described.Metadata), Descriptions + 1);
                break;
            case OrderEvent.ReservingStarted started:
                Start(OrderStatus.Reserving, started.Attempt);
                ReserveAttempts.Add(started.Attempt);
                ReserveDeadline = DateTimeOffset.FromUnixTimeMilliseconds(started.Deadline);
                break;
            case OrderEvent.LinesReserved reserved:
                (Prices, Total) = (reserved.Prices, new(reserved.Total, reserved.Currency));
                HeldUntil = DateTimeOffset.FromUnixTimeMilliseconds(reserved.HeldUntil);
                break;
            case OrderEvent.ChargingStarted started:
                Start(OrderStatus.Charging, started.Attempt);
                (Payment, GiveUpChargeAt) = (PaymentStatus.Pending, DateTimeOffset.FromUnixTimeMilliseconds(started.GiveUpAt));
                _neverMade = false;
                if (FirstChargeAt == default) FirstChargeAt = at;
                break;
            case OrderEvent.PaymentCaptured captured:
                (Payment, ChargeId) = (PaymentStatus.Captured, captured.ChargeId);
                Captured = captured is { Amount: { } amount, Currency: { } currency } ? new(amount, currency) : Total;
                break;
            case OrderEvent.PaymentDeclined declined:
                (Payment, Detail) = (PaymentStatus.Declined, declined.Reason);
                break;
            case OrderEvent.PaymentNeverMade:
                (Payment, _neverMade, NeverMade) = (PaymentStatus.None, true, (at, Attempt));
                break;
            case OrderEvent.CompletingStarted started:
                Start(OrderStatus.Completing, started.Attempt);
                break;
            case OrderEvent.Completed:
                Status = OrderStatus.Completed;
                break;
            case OrderEvent.CancellingStarted started:
                if (Status == OrderStatus.NeedsAttention) Detail = null;
                (Status, Attempt, LinesUndone) = (OrderStatus.Cancelling, started.Attempt, false);
                LeavesWhatFails = started.LeaveWhatFails == true;
                (Reason, CancelReason, Shortfalls) = (started.Reason, started.Reason, started.Shortfalls ?? Shortfalls);
                if (Payment == PaymentStatus.Pending && !started.ChargeMayBeOut) Payment = PaymentStatus.None;
                break;
            case OrderEvent.LinesUndone undone:
                (LinesUndone, Left) = (true, undone.Left);
                Detail = DetailOfLeft ?? Detail;
                break;
            case OrderEvent.RefundStarted started:
                (Attempt, RefundFailure) = (started.Attempt, null);
                break;
            case OrderEvent.RefundFailing failing:
                RefundFailure = failing.Detail;
                break;
            case OrderEvent.SettlingStarted started:
                Attempt = started.Attempt;
                if (started.GiveUpAt is { } giveUpAt) GiveUpChargeAt = DateTimeOffset.FromUnixTimeMilliseconds(giveUpAt);
                break;
            case OrderEvent.PaymentRefunded:
                (Payment, RefundFailure) = (PaymentStatus.Refunded, null);
                break;
            case OrderEvent.Cancelled:
                Status = OrderStatus.Cancelled;
                break;
            case OrderEvent.Erased erased:
                Erase(erased, at);
                break;
            case OrderEvent.Parked parked:
                (ParkedFrom, ParkedStep) = (Status, parked.Step);
                (Status, Reason, Detail) = (OrderStatus.NeedsAttention, parked.Reason, $"{parked.Step}: {parked.Detail}");

                // The step was given up without a word of what it had sent.
                if (NeverCharged && parked.Step == StepType.Charge) Payment = PaymentStatus.Pending;
                break;
        }

        _payments.Note(@event, at);
        NoteWork(at);
        NoteBeside((@event as OrderEvent.Placed)?.Secret);
    }

    private static string Names(string[] skus) =>
        string.Join(", ", skus.Take(MaxNamed)) + (skus.Length > MaxNamed ? $" and {skus.Length - MaxNamed} more" : "");

    private void NoteBeside(string? token)
    {
        var settled = KeepsToken && !MayCharge;
        if (settled) (KeepsToken, PaymentToken) = (false, "");
        var attention = Status == OrderStatus.NeedsAttention ? (Reason!, Detail!)
            : RefundIsDue && RefundFailure is { } failure ? (OrderReason.RefundFailing, failure)
            : ((string, string)?)null;
        var noticed = attention != _attention;
        _attention = attention;
        Beside = settled || noticed || token is not null
            ? new(
                settled ? TokenGone : token is null ? [] : [new(TokenName, token)],
                noticed ? new AttentionRow(attention?.Item1, attention?.Item2 ?? "") : null)
            : null;
    }

    private bool MayCharge => Status switch
    {
        OrderStatus.Placed or OrderStatus.Reserving => true,
        OrderStatus.Charging => Payment == PaymentStatus.Pending,

        // A retry starts over from any of them, unless the money is there.
        OrderStatus.NeedsAttention => ParkedFrom is OrderStatus.Placed or OrderStatus.Reserving or OrderStatus.Charging
            && Payment is not (PaymentStatus.Captured or PaymentStatus.Refunded),
        _ => false,
    };

    private void NoteWork(DateTimeOffset at)
    {
        if (_working) _worked[^1] = _worked[^1] with { Through = at };
        var works = Status is OrderStatus.Reserving or OrderStatus.Completing || this is { Status: OrderStatus.Cancelling, LinesUndone: false };
        if (works && !_working) _worked.Add(new(at, at));
        _working = works;
    }

    private void Start(OrderStatus status, int attempt)
    {
        (Status, Attempt) = (status, attempt);
        (Reason, Detail) = (null, null);
    }
}
