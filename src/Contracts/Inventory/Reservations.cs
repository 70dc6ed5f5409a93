namespace Holdfast.Contracts.Inventory;

public enum ReservationStatus
{
    Reserved = 0,
    Committed = 1,
    Released = 2,
    Expired = 3,
}

/// <summary>Units of one SKU held for one buyer.</summary>
/// <param name="Id">The id of the operation that reserved; a reservation is its own receipt.</param>
[GenerateSerializer, Immutable, Alias("holdfast.Reservation")]
public sealed record Reservation(
    [property: Id(0)] Guid Id,
    [property: Id(1)] string Sku,
    [property: Id(2)] long Quantity,
    [property: Id(3)] ReservationStatus Status,
    [property: Id(4)] DateTimeOffset ExpiresAt)
{
    /// <summary>Units that were sold, which can be fewer than were held; 0 unless it is committed.</summary>
    [Id(5)]
    public long Committed { get; init; }

    /// <summary>While it is open; null for neither.</summary>
    [Id(6)]
    public HoldText? Text { get; init; }

    /// <summary>When the units were held. Of one that is open, and null in what was stored before it was kept.</summary>
    [Id(7)]
    public DateTimeOffset? CreatedAt { get; init; }
}

/// <summary>
/// For whom units are held, and what the shop calls that. It is shown as long as the hold is open. The product's history keeps it, and a
/// product is never erased: use ids that name nobody.
/// </summary>
/// <param name="CustomerId">Null for nobody in particular.</param>
/// <param name="Reference">The shop's own number or name for it; need not be unique. Null for none.</param>
[GenerateSerializer, Immutable, Alias("holdfast.HoldText")]
public sealed record HoldText([property: Id(0)] string? CustomerId, [property: Id(1)] string? Reference);

/// <param name="Operation">Its id becomes the reservation's id.</param>
/// <param name="Quantity">Units, 1 to <see cref="Limits.Quantity"/>.</param>
/// <param name="Ttl">How long the hold lasts.</param>
/// <param name="Deadline">After this moment the reserve is refused, never executed: a late duplicate is harmless.</param>
[GenerateSerializer, Immutable, Alias("holdfast.ReserveStock")]
public sealed record ReserveStock(
    [property: Id(0)] Operation Operation,
    [property: Id(1)] long Quantity,
    [property: Id(2)] TimeSpan Ttl,
    [property: Id(3)] DateTimeOffset Deadline)
{
    /// <summary>How long the deadline was away when the command was sent. Clocks differ, so this is what counts; an earlier release does not say it.</summary>
    [Id(4)]
    public TimeSpan? Within { get; init; }

    /// <summary>Null for nobody in particular, and no reference.</summary>
    [Id(5)]
    public HoldText? Text { get; init; }
}

public enum ReserveStatus
{
    Reserved = 0,
    InsufficientStock = 1,
    UnknownProduct = 2,

    /// <summary>The reservation was released before this reserve arrived.</summary>
    Released = 3,

    /// <summary>The reserve arrived after its deadline.</summary>
    DeadlinePassed = 4,
    KeyReused = 5,

    /// <summary>The product has <see cref="Limits.OpenReservations"/> open reservations.</summary>
    TooManyReservations = 6,

    /// <summary>The product is not for sale any more.</summary>
    Archived = 7,
}

/// <param name="Reservation">When reserved: as it was then.</param>
/// <param name="UnitPrice">When reserved: the price that held at the hold's recorded time.</param>
/// <param name="Available">When stock is insufficient: what was available.</param>
/// <param name="Replayed">The answer is that of an earlier call with the same operation id.</param>
[GenerateSerializer, Immutable, Alias("holdfast.ReserveOutcome")]
public sealed record ReserveOutcome(
    [property: Id(0)] ReserveStatus Status,
    [property: Id(1)] Reservation? Reservation = null,
    [property: Id(2)] Money UnitPrice = default,
    [property: Id(3)] long Available = 0,
    [property: Id(4)] bool Replayed = false);

/// <summary>Commit, release or undo one reservation. None has a deadline; each is idempotent by the reservation's own state.</summary>
/// <param name="Id">The reservation.</param>
/// <param name="Lasting">
/// Look further back than the receipts that are kept: an order may have to be undone long after its reservations were closed.
/// </param>
/// <param name="LeaveTombstone">On release or undo of an unknown id, refuse a later reserve with that id.</param>
/// <param name="Within">For a lasting one: when the reservation can have changed, oldest first; null for any time.</param>
[GenerateSerializer, Immutable, Alias("holdfast.ReservationCommand")]
public sealed record ReservationCommand(
    [property: Id(0)] Guid Id,
    [property: Id(1)] bool Lasting = false,
    [property: Id(2)] bool LeaveTombstone = false,
    [property: Id(3)] TimeRange[]? Within = null)
{
    /// <summary>A repeat of what was done under it is told so again; none: decided by the reservation's state alone.</summary>
    [Id(4)]
    public Operation Operation { get; init; }

    /// <summary>Of a commit: units to sell, while the rest is released; null for all.</summary>
    [Id(5)]
    public long? Quantity { get; init; }

    /// <summary>Of a release: the customer whose open hold it has to be, or there is none; null for whosever.</summary>
    [Id(6)]
    public string? OnlyOf { get; init; }
}

/// <summary>Makes an open hold last until this long from now, or until it would have ended anyway if that is later.</summary>
/// <param name="Operation">A repeat of what was done under it is told so again.</param>
/// <param name="Id">The reservation.</param>
[GenerateSerializer, Immutable, Alias("holdfast.ExtendReservation")]
public sealed record ExtendReservation(
    [property: Id(0)] Operation Operation, [property: Id(1)] Guid Id, [property: Id(2)] TimeSpan Ttl)
{
    /// <inheritdoc cref="ReservationCommand.OnlyOf" />
    [Id(3)]
    public string? OnlyOf { get; init; }
}

/// <param name="Through">Included.</param>
[GenerateSerializer, Immutable, Alias("holdfast.TimeRange")]
public readonly record struct TimeRange([property: Id(0)] DateTimeOffset From, [property: Id(1)] DateTimeOffset Through);

/// <summary>One code per fact.</summary>
public enum ReservationOutcomeStatus
{
    /// <summary>The reservation is now as asked, by this call or an earlier one.</summary>
    Done = 0,
    NotFound = 1,

    /// <summary>Sold; or, of a commit, another number of units was.</summary>
    AlreadyCommitted = 2,
    AlreadyReleased = 3,

    /// <summary>The hold has expired and there is not enough free stock left to honour it.</summary>
    Expired = 4,

    /// <summary>More was to be committed than is held.</summary>
    QuantityTooLarge = 5,

    /// <summary>The operation is that of another command, or of the same with other content.</summary>
    KeyReused = 6,
}

/// <param name="Replayed">The reservation already was as asked.</param>
[GenerateSerializer, Immutable, Alias("holdfast.ReservationOutcome")]
public sealed record ReservationOutcome(
    [property: Id(0)] ReservationOutcomeStatus Status,
    [property: Id(1)] Reservation? Reservation = null,
    [property: Id(2)] bool Replayed = false)
{
    /// <summary>The stock's version with it, or a later one; 0 of what was refused.</summary>
    [Id(3)]
    public long StockVersion { get; init; }
}

/// <summary>Where a list of open reservations goes on. They are sorted by when they were made, and by id within one moment.</summary>
/// <param name="CreatedAt">Unix milliseconds.</param>
[GenerateSerializer, Immutable, Alias("holdfast.ReservationPlace")]
public readonly record struct ReservationPlace([property: Id(0)] long CreatedAt, [property: Id(1)] Guid Id);

/// <param name="Exists">False when the product was never created.</param>
/// <param name="Reservations">In the order that was asked for.</param>
/// <param name="Next">Pass as "after" for the next page; null at the end.</param>
[GenerateSerializer, Immutable, Alias("holdfast.ReservationPage")]
public sealed record ReservationPage(
    [property: Id(0)] bool Exists, [property: Id(1)] Reservation[] Reservations, [property: Id(2)] ReservationPlace? Next);
