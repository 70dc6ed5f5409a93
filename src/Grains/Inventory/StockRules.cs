using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Grains.GroupCommit;
using static Holdfast.Grains.GroupCommit.Decide<Holdfast.Grains.Inventory.StockEvent>;

namespace Holdfast.Grains.Inventory;

/// <summary>
/// The rules of stock: state, command and time in; events and an outcome out. Holds that are over have been recorded as expired
/// before any of these is asked (<see cref="Elapse"/>), so what is reserved here is reserved now.
/// </summary>
internal static class StockRules
{
    public static StockEvent.Expired? Elapse(StockState state, DateTimeOffset now)
    {
        var through = now.ToUnixTimeMilliseconds();
        return state.NextExpiry <= through ? new(through) : null;
    }

    public static void Check(StockState state)
    {
        if (state.Reserved < 0 || state.OnHand < state.Reserved)
        {
            throw new InvariantViolationException($"{state.Sku} would have {state.OnHand} on hand and {state.Reserved} reserved.");
        }
    }

    public static Decision<StockEvent, PutProductOutcome> PutDetails(StockState state, PutProduct command, DateTimeOffset now)
    {
        if (state.Receipts.TryGet(command.Operation.Id, out var receipt))
        {
            return Answer<PutProductOutcome>(receipt.Fingerprint == command.Operation.Fingerprint && receipt.Kind == Closed.DetailsChange
                ? new(receipt.A == 1 ? PutProductStatus.Created : PutProductStatus.Replaced, Details(state))
                : new(PutProductStatus.KeyReused, Details(state)));
        }

        if ((command.IfAbsent && state.Exists) || (command.IfVersion is { } version && !(state.Exists && version == state.DetailsVersion)))
        {
            return Refuse<PutProductOutcome>(new(PutProductStatus.VersionMismatch, Details(state)));
        }

        var price = command.UnitPrice;
        return Change<PutProductOutcome>(
            new(
                state.Exists ? PutProductStatus.Replaced : PutProductStatus.Created,
                new(state.Sku, command.Name, price, state.Version + 1)),
            new StockEvent.DetailsPut(command.Operation.Id, command.Operation.Fingerprint, command.Name, price.Amount, price.Currency));
    }

    public static Decision<StockEvent, AdjustOutcome> Adjust(StockState state, AdjustStock command, DateTimeOffset now)
    {
        if (state.Receipts.TryGet(command.Operation.Id, out var receipt))
        {
            return Answer<AdjustOutcome>(receipt.Fingerprint == command.Operation.Fingerprint && receipt.Kind == Closed.StockChange
                ? new(AdjustStatus.Adjusted, receipt.A, 0, receipt.B, DateTimeOffset.FromUnixTimeMilliseconds(receipt.At), Replayed: true)
                : new(AdjustStatus.KeyReused));
        }

        if (!state.Exists) return Refuse<AdjustOutcome>(new(AdjustStatus.UnknownProduct));
        if (command.Delta < state.Reserved - state.OnHand)
        {
            return Refuse<AdjustOutcome>(new(AdjustStatus.BelowReserved, state.OnHand, state.Reserved));
        }

        var onHand = unchecked(state.OnHand + command.Delta);
        if (command.Delta > 0 && (onHand < 0 || onHand > Limits.Quantity)) return Refuse<AdjustOutcome>(new(AdjustStatus.AboveLimit, state.OnHand, state.Reserved));
        return Change<AdjustOutcome>(
            new(AdjustStatus.Adjusted, onHand, state.Reserved, state.Version + 1, now),
            new StockEvent.Adjusted(
                command.Operation.Id, command.Operation.Fingerprint, command.Delta, onHand, command.Reason, command.Reference));
    }

    public static Decision<StockEvent, SetStockOutcome> SetOnHand(StockState state, SetStock command, DateTimeOffset now)
    {
        if (state.Receipts.TryGet(command.Operation.Id, out var receipt))
        {
            return Answer<SetStockOutcome>(receipt.Fingerprint == command.Operation.Fingerprint && receipt.Kind == Closed.StockChange
                ? new(SetStockStatus.Set, Level(state))
                : new(SetStockStatus.KeyReused, Level(state)));
        }

        if (!state.Exists) return Refuse<SetStockOutcome>(new(SetStockStatus.UnknownProduct, null));
        if (command.IfVersion is { } version && version != state.StockVersion)
        {
            return Refuse<SetStockOutcome>(new(SetStockStatus.VersionMismatch, Level(state)));
        }

        if (command.OnHand < state.Reserved) return Refuse<SetStockOutcome>(new(SetStockStatus.BelowReserved, Level(state)));
        return Change<SetStockOutcome>(
            new(SetStockStatus.Set, new(state.Sku, command.OnHand, state.Reserved, state.Version + 1)),
            new StockEvent.Counted(
                command.Operation.Id, command.Operation.Fingerprint, command.OnHand - state.OnHand, command.OnHand));
    }

    public static Decision<StockEvent, ReserveOutcome> Reserve(StockState state, ReserveStock command, DateTimeOffset now)
    {
        var (id, fingerprint) = command.Operation;
        if (state.Holds.TryGetValue(id, out var hold))
        {
            return Answer<ReserveOutcome>(hold.Fingerprint == fingerprint
                ? new(ReserveStatus.Reserved, Reserved(state, id, hold.Quantity, hold.ExpiresAt), hold.UnitPrice, Replayed: true)
                : new(ReserveStatus.KeyReused));
        }

        if (state.Receipts.TryGet(id, out var receipt)) return Answer(ReserveAgain(state, id, fingerprint, receipt));

        // A late duplicate must not hold anything: whoever sent it has stopped waiting.
        if (now > command.Deadline) return Answer<ReserveOutcome>(new(ReserveStatus.DeadlinePassed));
        if (!state.Exists) return Refuse<ReserveOutcome>(new(ReserveStatus.UnknownProduct));
        if (command.Quantity > state.Available)
        {
            return Refuse<ReserveOutcome>(new(ReserveStatus.InsufficientStock, Available: state.Available));
        }

        if (state.Holds.Count >= Limits.OpenReservations) return Refuse<ReserveOutcome>(new(ReserveStatus.TooManyReservations));
        var expiresAt = (now + command.Ttl).ToUnixTimeMilliseconds();
        var price = state.UnitPrice;
        return Change<ReserveOutcome>(
            new(ReserveStatus.Reserved, Reserved(state, id, command.Quantity, expiresAt), price),
            new StockEvent.Reserved(id, fingerprint, command.Quantity, expiresAt, price.Amount, price.Currency));
    }

    /// <summary>The first answer, for a hold that has ended since; a tombstone has none to give.</summary>
    private static ReserveOutcome ReserveAgain(StockState state, Guid id, ulong fingerprint, Receipt receipt) => receipt.Kind switch
    {
        Closed.Tombstone => new(ReserveStatus.Released),
        Closed.StockChange or Closed.DetailsChange => new(ReserveStatus.KeyReused),
        _ when receipt.Fingerprint != fingerprint => new(ReserveStatus.KeyReused),
        _ => new(ReserveStatus.Reserved, Reserved(state, id, receipt.A, receipt.B), Replayed: true),
    };

    public static Decision<StockEvent, ReservationOutcome> Commit(StockState state, ReservationCommand command, DateTimeOffset now)
    {
        var id = command.Id;
        if (state.Holds.TryGetValue(id, out var hold))
        {
            return Change(
                Done(state, id, hold.Quantity, hold.ExpiresAt, ReservationStatus.Committed),
                new StockEvent.Committed(id, hold.Quantity, state.OnHand - hold.Quantity));
        }

        if (!TryGetClosed(state, id, out var closed)) return Answer<ReservationOutcome>(new(ReservationOutcomeStatus.NotFound));
        return closed.Kind switch
        {
            Closed.Committed => Answer(Done(state, id, closed.A, closed.B, ReservationStatus.Committed) with { Replayed = true }),
            Closed.Expired when closed.A <= state.Available => Change(
                Done(state, id, closed.A, closed.B, ReservationStatus.Committed),
                new StockEvent.Committed(id, closed.A, state.OnHand - closed.A, Hold(closed))),
            Closed.Expired => Answer(Ended(state, id, closed, ReservationOutcomeStatus.Expired)),
            Closed.Tombstone => Answer<ReservationOutcome>(new(ReservationOutcomeStatus.AlreadyReleased)),
            _ => Answer(Ended(state, id, closed, ReservationOutcomeStatus.AlreadyReleased)),
        };
    }

    public static Decision<StockEvent, ReservationOutcome> Release(StockState state, ReservationCommand command, DateTimeOffset now)
    {
        var id = command.Id;
        if (state.Holds.TryGetValue(id, out var hold))
        {
            return Change(Done(state, id, hold.Quantity, hold.ExpiresAt, ReservationStatus.Released), new StockEvent.Released(id));
        }

        if (!TryGetClosed(state, id, out var closed)) return ReleaseUnknown(state, command);
        return closed.Kind switch
        {
            Closed.Committed => Answer(Ended(state, id, closed, ReservationOutcomeStatus.AlreadyCommitted)),

            // Recorded, or a commit that arrives later would still take free stock for it.
            Closed.Expired => Change(
                Done(state, id, closed.A, closed.B, ReservationStatus.Released), new StockEvent.Released(id, Hold(closed))),
            Closed.Tombstone => Answer<ReservationOutcome>(new(ReservationOutcomeStatus.Done, Replayed: true)),
            _ => Answer(Done(state, id, closed.A, closed.B, ReservationStatus.Released) with { Replayed = true }),
        };
    }

    public static Decision<StockEvent, ReservationOutcome> Undo(StockState state, ReservationCommand command, DateTimeOffset now)
    {
        var id = command.Id;
        if (!state.Holds.ContainsKey(id) && TryGetClosed(state, id, out var closed) && closed.Kind == Closed.Committed)
        {
            return Change(
                Done(state, id, closed.A, closed.B, ReservationStatus.Released),
                new StockEvent.Returned(id, closed.A, checked(state.OnHand + closed.A), Hold(closed)));
        }

        return Release(state, command, now);
    }

    public static Decision<StockEvent, Reservation?> ReadReservation(StockState state, Guid id, DateTimeOffset now)
    {
        if (state.Holds.TryGetValue(id, out var hold)) return Answer<Reservation?>(Reserved(state, id, hold.Quantity, hold.ExpiresAt));
        if (!TryGetClosed(state, id, out var closed) || closed.Kind == Closed.Tombstone) return Answer<Reservation?>(null);
        return Answer<Reservation?>(View(state, id, closed.A, closed.B, Status(closed.Kind)));
    }

    public static Decision<StockEvent, ProductDetails?> ReadDetails(StockState state, bool _, DateTimeOffset now) => Answer(Details(state));

    public static Decision<StockEvent, StockLevel?> ReadStock(StockState state, bool _, DateTimeOffset now) => Answer(Level(state));

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

    private static bool TryGetClosed(StockState state, Guid id, out Receipt closed) =>
        state.Receipts.TryGet(id, out closed) && closed.Kind is Closed.Committed or Closed.Released or Closed.Expired or Closed.Tombstone;

    private static EndedHold Hold(Receipt closed) => new(closed.Fingerprint, closed.A, closed.B);

    private static ReservationOutcome Done(StockState state, Guid id, long quantity, long expiresAt, ReservationStatus status) =>
        new(ReservationOutcomeStatus.Done, View(state, id, quantity, expiresAt, status));

    private static ReservationOutcome Ended(StockState state, Guid id, Receipt closed, ReservationOutcomeStatus status) =>
        new(status, View(state, id, closed.A, closed.B, Status(closed.Kind)));

    private static Reservation Reserved(StockState state, Guid id, long quantity, long expiresAt) =>
        View(state, id, quantity, expiresAt, ReservationStatus.Reserved);

    private static Reservation View(StockState state, Guid id, long quantity, long expiresAt, ReservationStatus status) =>
        new(id, state.Sku, quantity, status, DateTimeOffset.FromUnixTimeMilliseconds(expiresAt));

    private static ReservationStatus Status(byte kind) => kind switch
    {
        Closed.Committed => ReservationStatus.Committed,
        Closed.Expired => ReservationStatus.Expired,
        _ => ReservationStatus.Released,
    };
}
