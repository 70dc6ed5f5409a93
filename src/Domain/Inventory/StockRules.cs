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
        if (state.Archived) return Answer<ReserveOutcome>(new(ReserveStatus.Archived));
        if (command.Quantity > state.Available)
        {
            return Answer<ReserveOutcome>(new(ReserveStatus.InsufficientStock, Available: state.Available));
        }

        if (state.Holds.Count >= Limits.OpenReservations) return Answer<ReserveOutcome>(new(ReserveStatus.TooManyReservations));
        var (id, fingerprint, _) = command.Operation;
        var hold = new Hold(
            command.Quantity,
            (now + command.Ttl).ToUnixTimeMilliseconds(),
            fingerprint,
            PriceRules.UnitPrice(state, now),
            now.ToUnixTimeMilliseconds(),
            command.Text);
        return Change<ReserveOutcome>(
            new(ReserveStatus.Reserved, View(state, id, hold), hold.UnitPrice),
            new StockEvent.Reserved(id, fingerprint, hold.Quantity, hold.ExpiresAt, hold.UnitPrice.Amount, hold.UnitPrice.Currency)
            {
                Text = hold.Text,
            });
    }

    /// <summary>The first answer, also for a hold that has ended since; a tombstone has none to give.</summary>
    public static ReserveOutcome ReservedBefore(StockState state, (ReserveStock Command, DateTimeOffset Deadline) asked, Receipt? first)
    {
        var id = asked.Command.Operation.Id;
        return first switch
        {
            { Kind: StockReceiptKind.Tombstone } => new(ReserveStatus.Released),
            { Kind: StockReceiptKind.Open } =>
                new(ReserveStatus.Reserved, View(state, id, state.Holds[id]), state.Holds[id].UnitPrice, Replayed: true),

            // The fingerprint is of the text, too: it is the one of then.
            { IsEnded: true } ended => new(
                ReserveStatus.Reserved,
                View(state, id, ended, ReservationStatus.Reserved) with { Text = asked.Command.Text },
                Replayed: true),
            _ => new(ReserveStatus.KeyReused),
        };
    }

    /// <summary>Never earlier than it would have ended anyway. What has ended cannot be extended: its units may be another's.</summary>
    public static Decision<StockEvent, ReservationOutcome> Extend(StockState state, ExtendReservation command, DateTimeOffset now)
    {
        var id = command.Id;
        if (!TryFind(state, id, out var reservation) || !IsOf(state, id, command.OnlyOf))
            return Answer<ReservationOutcome>(new(ReservationOutcomeStatus.NotFound));
        if (!state.Holds.TryGetValue(id, out var hold)) return Answer(WhyEnded(state, id, reservation));
        var expiresAt = Math.Max(hold.ExpiresAt, (now + command.Ttl).ToUnixTimeMilliseconds());
        return Change<ReservationOutcome>(
            new(ReservationOutcomeStatus.Done, View(state, id, hold with { ExpiresAt = expiresAt })),
            new StockEvent.Extended(id, expiresAt) { By = KeyOf(command.Operation) });
    }

    public static Decision<StockEvent, ReservationOutcome> Commit(StockState state, ReservationCommand command, DateTimeOffset now)
    {
        var id = command.Id;
        if (!TryFind(state, id, out var reservation)) return Answer<ReservationOutcome>(new(ReservationOutcomeStatus.NotFound));
        var (sold, by) = (command.Quantity ?? reservation.Quantity, KeyOf(command.Operation));
        return reservation.Kind switch
        {
            StockReceiptKind.Tombstone or StockReceiptKind.Released => Answer(WhyEnded(state, id, reservation)),
            _ when sold > reservation.Quantity => Answer(Ended(state, id, reservation, ReservationOutcomeStatus.QuantityTooLarge)),
            StockReceiptKind.Open => Change(
                Sold(state, id, reservation, sold), new StockEvent.Committed(id, sold, state.OnHand - sold) { By = by }),
            _ when reservation.IsSold && sold == reservation.Sold => Answer(Sold(state, id, reservation, sold) with { Replayed = true }),

            // Nobody else holds what the hold kept until it expired: the buyer may still have it.
            StockReceiptKind.Expired when sold <= state.Available => Change(
                Sold(state, id, reservation, sold),
                new StockEvent.Committed(id, sold, state.OnHand - sold, reservation.Hold) { By = by }),
            _ => Answer(WhyEnded(state, id, reservation)),
        };
    }

    public static Decision<StockEvent, ReservationOutcome> Release(StockState state, ReservationCommand command, DateTimeOffset now)
    {
        var id = command.Id;
        if (!IsOf(state, id, command.OnlyOf)) return Answer<ReservationOutcome>(new(ReservationOutcomeStatus.NotFound));
        if (!TryFind(state, id, out var reservation)) return ReleaseUnknown(state, command);
        return reservation.Kind switch
        {
            StockReceiptKind.Open => Change(
                Released(state, id, reservation), new StockEvent.Released(id) { By = KeyOf(command.Operation) }),

            // Recorded, or a commit that arrives later would still take free stock for it.
            StockReceiptKind.Expired => Change(
                Released(state, id, reservation), new StockEvent.Released(id, reservation.Hold) { By = KeyOf(command.Operation) }),
            StockReceiptKind.Tombstone => Answer<ReservationOutcome>(new(ReservationOutcomeStatus.Done, Replayed: true)),
            StockReceiptKind.Released => Answer(Released(state, id, reservation) with { Replayed = true }),
            _ => Answer(WhyEnded(state, id, reservation)),
        };
    }

    /// <summary>Takes back whatever became of the reservation: what was sold is on hand again.</summary>
    public static Decision<StockEvent, ReservationOutcome> Undo(StockState state, ReservationCommand command, DateTimeOffset now)
    {
        var id = command.Id;
        return TryFind(state, id, out var reservation) && reservation.IsSold
            ? Change(
                Released(state, id, reservation),
                new StockEvent.Returned(id, reservation.Sold, checked(state.OnHand + reservation.Sold), reservation.Hold))
            : Release(state, command, now);
    }

    /// <summary>What a repeat under its key is told: that it was done, and what the reservation is now.</summary>
    public static ReservationOutcome AskedBefore(StockState state, Guid id, Receipt? first)
    {
        if (first is not { Kind: StockReceiptKind.Verb }) return new(ReservationOutcomeStatus.KeyReused);
        return Find(state, id) is { } now
            ? new(ReservationOutcomeStatus.Done, now, Replayed: true)
            : new(ReservationOutcomeStatus.NotFound);
    }

    /// <summary>Null when there is none, or only the tombstone of one.</summary>
    public static Reservation? Find(StockState state, Guid id)
    {
        if (state.Holds.TryGetValue(id, out var hold)) return View(state, id, hold);
        return TryFind(state, id, out var reservation) && reservation.Kind != StockReceiptKind.Tombstone
            ? View(state, id, reservation, Status(reservation.Kind))
            : null;
    }

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
        state.TryGetReceipt(id, out reservation)
        && (reservation.IsEnded || reservation.Kind is StockReceiptKind.Open or StockReceiptKind.Tombstone);

    /// <summary>Whose it was is known of an open hold only.</summary>
    private static bool IsOf(StockState state, Guid id, string? customer) =>
        customer is null || (state.Holds.TryGetValue(id, out var hold) && hold.Text?.CustomerId == customer);

    private static VerbKey? KeyOf(Operation operation) =>
        operation.Id == Guid.Empty ? null : new VerbKey(operation.Id, operation.Fingerprint);

    private static ReservationOutcome Sold(StockState state, Guid id, Receipt reservation, long sold) =>
        new(ReservationOutcomeStatus.Done, View(state, id, reservation, ReservationStatus.Committed, sold));

    private static ReservationOutcome Released(StockState state, Guid id, Receipt reservation) =>
        new(ReservationOutcomeStatus.Done, View(state, id, reservation, ReservationStatus.Released));

    private static ReservationOutcome WhyEnded(StockState state, Guid id, Receipt reservation) => reservation.Kind switch
    {
        StockReceiptKind.Tombstone => new(ReservationOutcomeStatus.AlreadyReleased),
        StockReceiptKind.Expired => Ended(state, id, reservation, ReservationOutcomeStatus.Expired),
        StockReceiptKind.Released => Ended(state, id, reservation, ReservationOutcomeStatus.AlreadyReleased),
        _ => Ended(state, id, reservation, ReservationOutcomeStatus.AlreadyCommitted),
    };

    private static ReservationOutcome Ended(StockState state, Guid id, Receipt reservation, ReservationOutcomeStatus status) =>
        new(status, View(state, id, reservation, Status(reservation.Kind)));

    private static Reservation View(StockState state, Guid id, in Hold hold) =>
        new(id, state.Sku, hold.Quantity, ReservationStatus.Reserved, DateTimeOffset.FromUnixTimeMilliseconds(hold.ExpiresAt))
        {
            Text = hold.Text,
            CreatedAt = hold.CreatedAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(hold.CreatedAt),
        };

    private static Reservation View(StockState state, Guid id, in Receipt reservation, ReservationStatus status) =>
        View(state, id, reservation, status, status == ReservationStatus.Committed ? reservation.Sold : 0);

    private static Reservation View(StockState state, Guid id, in Receipt reservation, ReservationStatus status, long sold) =>
        new(id, state.Sku, reservation.Quantity, status, DateTimeOffset.FromUnixTimeMilliseconds(reservation.ExpiresAt))
        {
            Committed = sold,
        };

    private static ReservationStatus Status(byte kind) => kind switch
    {
        StockReceiptKind.Open => ReservationStatus.Reserved,
        StockReceiptKind.Committed or StockReceiptKind.CommittedInPart => ReservationStatus.Committed,
        StockReceiptKind.Expired => ReservationStatus.Expired,
        _ => ReservationStatus.Released,
    };
}
