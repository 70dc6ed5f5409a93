using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Owner;
using static Holdfast.Domain.Owner.Decide<Holdfast.Domain.Inventory.StockEvent>;

namespace Holdfast.Domain.Inventory;

/// <summary>
/// The rules of stock: state, command and time in; events and an outcome out. Holds that are over have been recorded as expired
/// before any of these is asked (<see cref="StockState.Elapse"/>), so what is reserved here is reserved now.
/// </summary>
public static class StockRules
{
    public static Decision<StockEvent, PutProductOutcome> PutDetails(StockState state, PutProduct command, DateTimeOffset now)
    {
        if ((command.IfAbsent && state.Exists) || (command.IfVersion is { } version && !(state.Exists && version == state.DetailsVersion)))
        {
            return Answer<PutProductOutcome>(new(PutProductStatus.VersionMismatch, Details(state)));
        }

        var price = command.UnitPrice;
        return Change<PutProductOutcome>(
            new(
                state.Exists ? PutProductStatus.Replaced : PutProductStatus.Created,
                new(state.Sku, command.Name, price, state.Version + 1)),
            new StockEvent.DetailsPut(command.Operation.Id, command.Operation.Fingerprint, command.Name, price.Amount, price.Currency));
    }

    public static PutProductOutcome PutBefore(StockState state, PutProduct command, Receipt? first) =>
        first is { Kind: StockReceiptKind.DetailsChange } receipt
            ? new(receipt.Creates ? PutProductStatus.Created : PutProductStatus.Replaced, Details(state), Replayed: true)
            : new(PutProductStatus.KeyReused, Details(state));

    public static Decision<StockEvent, AdjustOutcome> Adjust(StockState state, AdjustStock command, DateTimeOffset now)
    {
        if (!state.Exists) return Answer<AdjustOutcome>(new(AdjustStatus.UnknownProduct));

        // Compared as a difference of two small numbers: a sum with whatever was asked for could wrap around.
        if (command.Delta < state.Reserved - state.OnHand)
        {
            return Answer<AdjustOutcome>(new(AdjustStatus.BelowReserved, state.OnHand, state.Reserved));
        }

        // A sum that wrapped around is below zero, which is past the limit too.
        var onHand = unchecked(state.OnHand + command.Delta);
        if (command.Delta > 0 && (onHand < 0 || onHand > Limits.Quantity))
        {
            return Answer<AdjustOutcome>(new(AdjustStatus.AboveLimit, state.OnHand, state.Reserved));
        }

        return Change<AdjustOutcome>(
            new(AdjustStatus.Adjusted, onHand, state.Reserved, state.Version + 1, now),
            new StockEvent.Adjusted(
                command.Operation.Id, command.Operation.Fingerprint, command.Delta, onHand, command.Reason, command.Reference));
    }

    public static AdjustOutcome AdjustedBefore(StockState state, AdjustStock command, Receipt? first) =>
        first is { Kind: StockReceiptKind.StockChange } receipt
            ? new(AdjustStatus.Adjusted, receipt.OnHand, 0, receipt.Version, DateTimeOffset.FromUnixTimeMilliseconds(receipt.At), Replayed: true)
            : new(AdjustStatus.KeyReused);

    public static Decision<StockEvent, SetStockOutcome> SetOnHand(StockState state, SetStock command, DateTimeOffset now)
    {
        if (!state.Exists) return Answer<SetStockOutcome>(new(SetStockStatus.UnknownProduct, null));
        if (command.IfVersion is { } version && version != state.StockVersion)
        {
            return Answer<SetStockOutcome>(new(SetStockStatus.VersionMismatch, Level(state)));
        }

        if (command.OnHand < state.Reserved) return Answer<SetStockOutcome>(new(SetStockStatus.BelowReserved, Level(state)));
        return Change<SetStockOutcome>(
            new(SetStockStatus.Set, new(state.Sku, command.OnHand, state.Reserved, state.Version + 1)),
            new StockEvent.Counted(
                command.Operation.Id,
                command.Operation.Fingerprint,
                command.OnHand - state.OnHand,
                command.OnHand,
                command.Reason,
                command.Reference));
    }

    public static SetStockOutcome SetBefore(StockState state, SetStock command, Receipt? first) =>
        first is { Kind: StockReceiptKind.StockChange }
            ? new(SetStockStatus.Set, Level(state), Replayed: true)
            : new(SetStockStatus.KeyReused, Level(state));

    /// <param name="state">The product.</param>
    /// <param name="asked">With the deadline in the stream's time; the command's own is by its sender's clock.</param>
    /// <param name="now">The stream's time.</param>
    public static Decision<StockEvent, ReserveOutcome> Reserve(
        StockState state, (ReserveStock Command, DateTimeOffset Deadline) asked, DateTimeOffset now)
    {
        // A late duplicate must not hold anything: whoever sent it has stopped waiting.
        var command = asked.Command;
        if (now > asked.Deadline) return Answer<ReserveOutcome>(new(ReserveStatus.DeadlinePassed));
        if (!state.Exists) return Answer<ReserveOutcome>(new(ReserveStatus.UnknownProduct));
        if (command.Quantity > state.Available)
        {
            return Answer<ReserveOutcome>(new(ReserveStatus.InsufficientStock, Available: state.Available));
        }

        if (state.Holds.Count >= Limits.OpenReservations) return Answer<ReserveOutcome>(new(ReserveStatus.TooManyReservations));
        var (id, fingerprint) = command.Operation;
        var hold = new Hold(command.Quantity, (now + command.Ttl).ToUnixTimeMilliseconds(), fingerprint, state.UnitPrice);
        return Change<ReserveOutcome>(
            new(ReserveStatus.Reserved, View(state, id, StockReceipts.Open(hold), ReservationStatus.Reserved), hold.UnitPrice),
            new StockEvent.Reserved(id, fingerprint, hold.Quantity, hold.ExpiresAt, hold.UnitPrice.Amount, hold.UnitPrice.Currency));
    }

    /// <summary>The first answer, also for a hold that has ended since; a tombstone has none to give.</summary>
    public static ReserveOutcome ReservedBefore(StockState state, (ReserveStock Command, DateTimeOffset Deadline) asked, Receipt? first)
    {
        var id = asked.Command.Operation.Id;
        return first switch
        {
            { Kind: StockReceiptKind.Tombstone } => new(ReserveStatus.Released),
            { Kind: StockReceiptKind.Open } hold =>
                new(ReserveStatus.Reserved, View(state, id, hold, ReservationStatus.Reserved), state.Holds[id].UnitPrice, Replayed: true),
            { IsEnded: true } ended => new(ReserveStatus.Reserved, View(state, id, ended, ReservationStatus.Reserved), Replayed: true),
            _ => new(ReserveStatus.KeyReused),
        };
    }

    public static Decision<StockEvent, ReservationOutcome> Commit(StockState state, ReservationCommand command, DateTimeOffset now)
    {
        var id = command.Id;
        if (!TryFind(state, id, out var reservation)) return Answer<ReservationOutcome>(new(ReservationOutcomeStatus.NotFound));
        var (quantity, left) = (reservation.Quantity, state.OnHand - reservation.Quantity);
        return reservation.Kind switch
        {
            StockReceiptKind.Open => Change(
                Done(state, id, reservation, ReservationStatus.Committed), new StockEvent.Committed(id, quantity, left)),
            StockReceiptKind.Committed => Answer(Done(state, id, reservation, ReservationStatus.Committed) with { Replayed = true }),

            // Nobody else holds what the hold kept until it expired: the buyer may still have it.
            StockReceiptKind.Expired when quantity <= state.Available => Change(
                Done(state, id, reservation, ReservationStatus.Committed), new StockEvent.Committed(id, quantity, left, reservation.Hold)),
            StockReceiptKind.Expired => Answer(Ended(state, id, reservation, ReservationOutcomeStatus.Expired)),
            StockReceiptKind.Tombstone => Answer<ReservationOutcome>(new(ReservationOutcomeStatus.AlreadyReleased)),
            _ => Answer(Ended(state, id, reservation, ReservationOutcomeStatus.AlreadyReleased)),
        };
    }

    public static Decision<StockEvent, ReservationOutcome> Release(StockState state, ReservationCommand command, DateTimeOffset now)
    {
        var id = command.Id;
        if (!TryFind(state, id, out var reservation)) return ReleaseUnknown(state, command);
        return reservation.Kind switch
        {
            StockReceiptKind.Open => Change(Done(state, id, reservation, ReservationStatus.Released), new StockEvent.Released(id)),
            StockReceiptKind.Committed => Answer(Ended(state, id, reservation, ReservationOutcomeStatus.AlreadyCommitted)),

            // Recorded, or a commit that arrives later would still take free stock for it.
            StockReceiptKind.Expired => Change(
                Done(state, id, reservation, ReservationStatus.Released), new StockEvent.Released(id, reservation.Hold)),
            StockReceiptKind.Tombstone => Answer<ReservationOutcome>(new(ReservationOutcomeStatus.Done, Replayed: true)),
            _ => Answer(Done(state, id, reservation, ReservationStatus.Released) with { Replayed = true }),
        };
    }

    /// <summary>Takes back whatever became of the reservation: what was sold is on hand again.</summary>
    public static Decision<StockEvent, ReservationOutcome> Undo(StockState state, ReservationCommand command, DateTimeOffset now)
    {
        var id = command.Id;
        return TryFind(state, id, out var reservation) && reservation.Kind == StockReceiptKind.Committed
            ? Change(
                Done(state, id, reservation, ReservationStatus.Released),
                new StockEvent.Returned(id, reservation.Quantity, checked(state.OnHand + reservation.Quantity), reservation.Hold))
            : Release(state, command, now);
    }

    /// <summary>Null when there is none, or only the tombstone of one.</summary>
    public static Reservation? Find(StockState state, Guid id) =>
        TryFind(state, id, out var reservation) && reservation.Kind != StockReceiptKind.Tombstone
            ? View(state, id, reservation, Status(reservation.Kind))
            : null;

    public static ProductDetails? Details(StockState state) =>
        state.Exists ? new(state.Sku, state.Name!, state.UnitPrice, state.DetailsVersion) : null;

    public static StockLevel? Level(StockState state) =>
        state.Exists ? new(state.Sku, state.OnHand, state.Reserved, state.StockVersion) : null;

    /// <summary>
    /// A product that is not there refuses a late reserve anyway, and anybody can invent names. Should it be created within the few
    /// seconds until that reserve's deadline, the hold ends by itself, as every hold does.
    /// </summary>
    private static Decision<StockEvent, ReservationOutcome> ReleaseUnknown(StockState state, ReservationCommand command)
    {
        if (!command.LeaveTombstone) return Answer<ReservationOutcome>(new(ReservationOutcomeStatus.NotFound));
        return state.Exists
            ? Change<ReservationOutcome>(new(ReservationOutcomeStatus.Done), new StockEvent.Released(command.Id))
            : Answer<ReservationOutcome>(new(ReservationOutcomeStatus.Done));
    }

    private static bool TryFind(StockState state, Guid id, out Receipt reservation) =>
        state.TryGetReceipt(id, out reservation) && reservation.Kind is not (StockReceiptKind.StockChange or StockReceiptKind.DetailsChange);

    private static ReservationOutcome Done(StockState state, Guid id, Receipt reservation, ReservationStatus status) =>
        new(ReservationOutcomeStatus.Done, View(state, id, reservation, status));

    private static ReservationOutcome Ended(StockState state, Guid id, Receipt reservation, ReservationOutcomeStatus status) =>
        new(status, View(state, id, reservation, Status(reservation.Kind)));

    private static Reservation View(StockState state, Guid id, in Receipt reservation, ReservationStatus status) =>
        new(id, state.Sku, reservation.Quantity, status, DateTimeOffset.FromUnixTimeMilliseconds(reservation.ExpiresAt));

    private static ReservationStatus Status(byte kind) => kind switch
    {
        StockReceiptKind.Open => ReservationStatus.Reserved,
        StockReceiptKind.Committed => ReservationStatus.Committed,
        StockReceiptKind.Expired => ReservationStatus.Expired,
        _ => ReservationStatus.Released,
    };
}
