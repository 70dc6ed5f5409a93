using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Tests.Domain.Inventory;

internal sealed partial class NaiveStock
{
    public ReservationOutcome Extend(ExtendReservation command, DateTimeOffset now)
    {
        if (AskedBefore(command.Operation, command.Id) is { } again) return again;
        if (Open(command.Id) is not { } hold) return WhyEnded(Reservation(command.Id));
        var longer = hold with { ExpiresAt = now + command.Ttl > hold.ExpiresAt ? now + command.Ttl : hold.ExpiresAt };
        _holds[_holds.IndexOf(hold)] = longer;
        _version++;
        Remember(command.Operation, now);
        return new(ReservationOutcomeStatus.Done, View(longer));
    }

    public ReservationOutcome Commit(ReservationCommand command, DateTimeOffset now)
    {
        if (AskedBefore(command.Operation, command.Id) is { } again) return again;
        var open = Open(command.Id);
        var receipt = Reservation(command.Id);
        if (open is null && receipt?.Kind is null or Kind.Tombstone or Kind.Released) return WhyEnded(receipt);
        var held = open?.Quantity ?? receipt!.Number;
        var sold = command.Quantity ?? held;
        if (sold > held)
        {
            var there = open is null ? View(receipt!) : View(ReceiptOf(open, now), ReservationStatus.Reserved);
            return new(ReservationOutcomeStatus.QuantityTooLarge, there);
        }

        if (open is null && receipt!.Kind == Kind.Committed)
            return sold == receipt.Sold ? new(ReservationOutcomeStatus.Done, View(receipt), Replayed: true) : WhyEnded(receipt);
        if (open is null && sold > Available) return WhyEnded(receipt);

        _stockVersion = ++_version;
        OnHand -= sold;
        if (open is not null) Close(open, Kind.Committed, sold, now);
        else Record(receipt! with { Kind = Kind.Committed, At = now, Sold = sold });
        Remember(command.Operation, now);
        return new(ReservationOutcomeStatus.Done, View(Find(command.Id)!));
    }

    public ReservationOutcome Release(ReservationCommand command, DateTimeOffset now)
    {
        if (AskedBefore(command.Operation, command.Id) is { } again) return again;
        var receipt = Reservation(command.Id);
        if (Open(command.Id) is { } hold)
        {
            Close(hold, Kind.Released, 0, now);
        }
        else if (receipt is { Kind: Kind.Expired })
        {
            Record(receipt with { Kind = Kind.Released, At = now });
        }
        else if (receipt is null && command.LeaveTombstone)
        {
            _version++;
            Record(new(command.Id, 0, Kind.Tombstone, now, 0, 0, DateTimeOffset.UnixEpoch));
            return new(ReservationOutcomeStatus.Done);
        }
        else
        {
            return receipt?.Kind switch
            {
                Kind.Released => new(ReservationOutcomeStatus.Done, View(receipt), Replayed: true),
                Kind.Tombstone => new(ReservationOutcomeStatus.Done, Replayed: true),
                _ => WhyEnded(receipt),
            };
        }

        _version++;
        Remember(command.Operation, now);
        return new(ReservationOutcomeStatus.Done, View(Find(command.Id)!));
    }

    public ReservationOutcome Undo(ReservationCommand command, DateTimeOffset now)
    {
        if (Reservation(command.Id) is not { Kind: Kind.Committed } sold) return Release(command, now);
        _stockVersion = ++_version;
        OnHand += sold.Sold;
        Record(sold with { Kind = Kind.Released, At = now });
        return new(ReservationOutcomeStatus.Done, View(Find(command.Id)!));
    }

    /// <summary>The open ones, oldest first.</summary>
    public Reservation[] Reservations =>
        [.. _holds.OrderBy(static hold => hold.At).ThenBy(static hold => hold.Id).Select(View)];

    private void Remember(Operation operation, DateTimeOffset now)
    {
        if (operation.Id != Guid.Empty) Record(new(operation.Id, operation.Fingerprint, Kind.Verb, now, 0, 0, default));
    }

    private ReservationOutcome? AskedBefore(Operation operation, Guid id)
    {
        if (Find(operation.Id) is not { } receipt) return null;
        if (receipt.Kind != Kind.Verb || receipt.Fingerprint != operation.Fingerprint) return new(ReservationOutcomeStatus.KeyReused);
        var now = Open(id) is { } hold ? View(hold) : Reservation(id) is { Kind: not Kind.Tombstone } ended ? View(ended) : null;
        return now is null ? new(ReservationOutcomeStatus.NotFound) : new(ReservationOutcomeStatus.Done, now, Replayed: true);
    }

    private ReservationOutcome WhyEnded(Receipt? receipt) => receipt?.Kind switch
    {
        null => new(ReservationOutcomeStatus.NotFound),
        Kind.Tombstone => new(ReservationOutcomeStatus.AlreadyReleased),
        Kind.Released => new(ReservationOutcomeStatus.AlreadyReleased, View(receipt)),
        Kind.Expired => new(ReservationOutcomeStatus.Expired, View(receipt)),
        _ => new(ReservationOutcomeStatus.AlreadyCommitted, View(receipt)),
    };
}
