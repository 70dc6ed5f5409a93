namespace Holdfast.Contracts.Orders;

/// <summary>
/// The owner of one order's state, from placed to one of two ends: paid and sold, or cancelled with nothing held and nothing
/// kept. Key: the order's public id, <c>ord_…</c>, made from the idempotency key it was placed under.
/// </summary>
[Alias("holdfast.IOrderSaga")]
public interface IOrderSaga : IGrainWithStringKey
{
    /// <summary>Accepts the order; it is durable when this answers, and the saga runs on its own from there.</summary>
    [Alias("Place")]
    ValueTask<PlaceOrderOutcome> Place(PlaceOrder command);

    /// <summary>The order, or null when none was placed under this id.</summary>
    [Alias("Read")]
    ValueTask<Order?> Read(ReadConsistency consistency = ReadConsistency.Default);

    /// <summary>What happened to the order.</summary>
    /// <param name="after">The version that the page comes behind, in its order; 0 for the first page.</param>
    [Alias("ReadHistory")]
    ValueTask<OrderHistoryPage> ReadHistory(
        long after, int limit, ReadConsistency consistency = ReadConsistency.Default, bool newestFirst = false);

    /// <summary>The order when it has ended or needs attention, or as it is after <paramref name="patience"/>.</summary>
    [Alias("WaitForEnd")]
    ValueTask<Order?> WaitForEnd(TimeSpan patience);

    /// <summary>Changes the order's reference and metadata, in whatever state it is.</summary>
    [Alias("Describe")]
    ValueTask<DescribeOrderOutcome> Describe(DescribeOrder command);

    /// <summary>
    /// Erases the order's customer, reference, metadata and notes, and everything the journal has stored of them. The sums stay.
    /// </summary>
    [Alias("Erase")]
    ValueTask<EraseOrderOutcome> Erase(EraseOrder command);

    /// <summary>Honoured until the payment is captured; refused with the order's state after that.</summary>
    /// <param name="operation">A repeat of what was accepted under it is told so again; none: decided afresh.</param>
    /// <param name="note">What whoever asked had to say; kept with the order.</param>
    [Alias("Cancel")]
    ValueTask<OrderVerbOutcome> Cancel(Operation operation = default, CancelReason reason = CancelReason.Customer, string? note = null);

    /// <summary>What an operator does with an order that needs attention, or that stands still.</summary>
    /// <param name="operation">As for a cancel.</param>
    /// <param name="note">As for a cancel.</param>
    [Alias("Resolve")]
    ValueTask<OrderVerbOutcome> Resolve(OperatorVerb verb, Operation operation = default, string? note = null);
}

/// <param name="Operation">Its id is the order's id.</param>
/// <param name="Lines">At most one a SKU; 1 to <see cref="Limits.OrderLines"/>.</param>
/// <param name="PaymentToken">What the payment gateway was given for the customer's means of payment.</param>
[GenerateSerializer, Immutable, Alias("holdfast.PlaceOrder")]
public sealed record PlaceOrder(
    [property: Id(0)] Operation Operation,
    [property: Id(1)] string CustomerId,
    [property: Id(2)] OrderLine[] Lines,
    [property: Id(3)] string PaymentToken)
{
    /// <summary>The shop's own number or name for it.</summary>
    [Id(4)]
    public string? Reference { get; init; }

    /// <summary>What the shop keeps with it.</summary>
    [Id(5)]
    public MetadataEntry[] Metadata { get; init; } = [];
}

/// <summary>Changes what the shop says of its order; nothing follows from it.</summary>
/// <param name="IfVersion">Only when the order has this version.</param>
/// <param name="Reference">The new one, when <paramref name="SetsReference"/>; null for none.</param>
/// <param name="ClearsMetadata">What there is goes, before the entries come.</param>
/// <param name="Metadata">Entries that come, change or go.</param>
[GenerateSerializer, Immutable, Alias("holdfast.DescribeOrder")]
public sealed record DescribeOrder(
    [property: Id(0)] Operation Operation,
    [property: Id(1)] long? IfVersion,
    [property: Id(2)] bool SetsReference,
    [property: Id(3)] string? Reference,
    [property: Id(4)] bool ClearsMetadata,
    [property: Id(5)] MetadataEntry[] Metadata);

public enum DescribeOrderStatus
{
    Described = 0,
    NotFound = 1,
    VersionMismatch = 2,

    /// <summary>It would have more than <see cref="Limits.MetadataEntries"/>.</summary>
    TooManyEntries = 3,
    KeyReused = 4,

    /// <summary>It has been described as often as an order can be.</summary>
    TooOften = 5,

    /// <summary>Its text was erased, and no other takes its place.</summary>
    Erased = 6,
}

/// <param name="Order">As it is now; null when there is none.</param>
/// <param name="Replayed">It was described by an earlier call with the same operation id.</param>
[GenerateSerializer, Immutable, Alias("holdfast.DescribeOrderOutcome")]
public sealed record DescribeOrderOutcome(
    [property: Id(0)] DescribeOrderStatus Status, [property: Id(1)] Order? Order = null, [property: Id(2)] bool Replayed = false);

/// <summary>Erases the text of an order that has ended.</summary>
/// <param name="Operation">A repeat of what was accepted under it is told so again; none: decided afresh.</param>
/// <param name="IfVersion">Only when the order has this version.</param>
[GenerateSerializer, Immutable, Alias("holdfast.EraseOrder")]
public sealed record EraseOrder([property: Id(0)] Operation Operation, [property: Id(1)] long? IfVersion = null);

public enum EraseOrderStatus
{
    /// <summary>By this call or an earlier one.</summary>
    Erased = 0,
    NotFound = 1,
    VersionMismatch = 2,

    /// <summary>It still goes on, or waits for an operator.</summary>
    NotEnded = 3,

    /// <summary>Money is still to go back.</summary>
    RefundIsDue = 4,

    /// <summary>A charge that the gateway knew nothing of could still show up, and would have to be given back.</summary>
    ChargeMayCome = 5,
    KeyReused = 6,
}

/// <param name="Order">As it is now; null when there is none.</param>
/// <param name="Replayed">It was erased by an earlier call with the same operation id.</param>
/// <param name="SettledAt">When no charge can come any more, if that is what is in the way.</param>
[GenerateSerializer, Immutable, Alias("holdfast.EraseOrderOutcome")]
public sealed record EraseOrderOutcome(
    [property: Id(0)] EraseOrderStatus Status,
    [property: Id(1)] Order? Order = null,
    [property: Id(2)] bool Replayed = false,
    [property: Id(3)] DateTimeOffset? SettledAt = null);

public enum PlaceOrderStatus
{
    Placed = 0,
    KeyReused = 1,
}

/// <param name="Order">As it is now.</param>
/// <param name="Replayed">It was placed by an earlier call with the same key.</param>
[GenerateSerializer, Immutable, Alias("holdfast.PlaceOrderOutcome")]
public sealed record PlaceOrderOutcome(
    [property: Id(0)] PlaceOrderStatus Status, [property: Id(1)] Order? Order = null, [property: Id(2)] bool Replayed = false);

/// <summary>Why an order is cancelled.</summary>
public enum CancelReason
{
    /// <summary>The customer wants it no more.</summary>
    Customer = 0,

    /// <summary>It is not what it says it is.</summary>
    Fraud = 1,

    /// <summary>The goods are not there, whatever the numbers say.</summary>
    Inventory = 2,
    Other = 3,
}

public enum OperatorVerb
{
    /// <summary>A new attempt of the step that failed, with a new deadline.</summary>
    Retry = 0,

    /// <summary>Undo everything: release, return, refund.</summary>
    Compensate = 1,

    /// <summary>Go on towards completed; refused unless the payment is captured.</summary>
    Complete = 2,

    /// <summary>Send the message of the step again that the order waits for; for one that is neither ended nor parked.</summary>
    Resume = 3,
}

public enum OrderVerbStatus
{
    /// <summary>Accepted, by this call or an earlier one.</summary>
    Accepted = 0,
    NotFound = 1,

    /// <summary>A cancel after capture: the order will be completed, or undone on its own; ask for a refund.</summary>
    AlreadyCharged = 2,

    /// <summary>A cancel of an order that is parked: an operator decides.</summary>
    NeedsAttention = 3,

    /// <summary>An operator's verb for an order that is not parked.</summary>
    NotParked = 4,

    /// <summary>Complete, although the payment is not captured.</summary>
    NotCharged = 5,

    /// <summary>Complete, although the order is already being undone: money may be on its way back.</summary>
    BeingUndone = 6,

    /// <summary>A resume of an order that has ended, and to which no money is due.</summary>
    Ended = 7,

    /// <summary>The operation is that of another verb, or of the same with other content.</summary>
    KeyReused = 8,

    /// <summary>The order's text was erased: it has ended, and nothing is done with it any more.</summary>
    Erased = 9,
}

/// <param name="Order">As it is now.</param>
/// <param name="Replayed">It was accepted by an earlier call with the same operation.</param>
[GenerateSerializer, Immutable, Alias("holdfast.OrderVerbOutcome")]
public sealed record OrderVerbOutcome(
    [property: Id(0)] OrderVerbStatus Status, [property: Id(1)] Order? Order = null, [property: Id(2)] bool Replayed = false);
