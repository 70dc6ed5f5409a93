using System.Numerics;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Tests.Domain.Inventory;

/// <summary>
/// Stock as one would write it with no care for speed: lists that are scanned from end to end, numbers without bounds, what is
/// reserved counted anew each time.
/// </summary>
internal sealed class NaiveStock(string sku)
{
    private readonly List<Hold> _holds = [];
    private readonly List<Receipt> _receipts = [];
    private (string Name, Money Price, long Version)? _details;
    private long _version;
    private long _stockVersion;

    private enum Kind
    {
        Details,
        Stock,
        Committed,
        Released,
        Expired,
        Tombstone,
    }

    private sealed record Hold(Guid Id, ulong Fingerprint, BigInteger Quantity, DateTimeOffset ExpiresAt, Money Price);

    private sealed record Receipt(
        Guid Id, ulong Fingerprint, Kind Kind, DateTimeOffset At, BigInteger Number, long Version, DateTimeOffset ExpiresAt);

    public BigInteger OnHand { get; private set; }

    public BigInteger Reserved => _holds.Aggregate(BigInteger.Zero, static (sum, hold) => sum + hold.Quantity);

    public BigInteger Available => OnHand - Reserved;

    /// <summary>Oldest first.</summary>
    public IEnumerable<Guid> Receipts => _receipts.Select(static receipt => receipt.Id);

    public void Elapse(DateTimeOffset now)
    {
        var over = _holds.Where(hold => hold.ExpiresAt <= now)
            .OrderBy(static hold => hold.ExpiresAt).ThenBy(static hold => hold.Id).ToArray();
        if (over.Length == 0) return;
        _version++;
        foreach (var hold in over) Close(hold, Kind.Expired, now);
    }

    public PutProductOutcome Put(PutProduct command, DateTimeOffset now)
    {
        if (Find(command.Operation.Id) is { } receipt)
        {
            var first = receipt.Number == 1 ? PutProductStatus.Created : PutProductStatus.Replaced;
            return receipt.Fingerprint == command.Operation.Fingerprint
                ? new(first, Details, Replayed: true)
                : new(PutProductStatus.KeyReused, Details);
        }

        if (command.IfAbsent && _details is not null) return new(PutProductStatus.VersionMismatch, Details);
        if (command.IfVersion is { } version && version != _details?.Version) return new(PutProductStatus.VersionMismatch, Details);
        var status = _details is null ? PutProductStatus.Created : PutProductStatus.Replaced;
        _details = (command.Name, command.UnitPrice, ++_version);
        var created = status == PutProductStatus.Created ? 1 : 0;
        Record(new(command.Operation.Id, command.Operation.Fingerprint, Kind.Details, now, created, _version, default));
        return new(status, Details);
    }

    public AdjustOutcome Adjust(AdjustStock command, DateTimeOffset now)
    {
        if (Find(command.Operation.Id) is { } receipt)
        {
            return receipt.Fingerprint == command.Operation.Fingerprint
                ? new(AdjustStatus.Adjusted, (long)receipt.Number, 0, receipt.Version, receipt.At, Replayed: true)
                : new(AdjustStatus.KeyReused);
        }

        if (_details is null) return new(AdjustStatus.UnknownProduct);
        if (OnHand + command.Delta < Reserved) return new(AdjustStatus.BelowReserved, (long)OnHand, (long)Reserved);
        if (command.Delta > 0 && OnHand + command.Delta > Limits.Quantity) return new(AdjustStatus.AboveLimit, (long)OnHand, (long)Reserved);
        SetStock(command.Operation, OnHand + command.Delta, now);
        return new(AdjustStatus.Adjusted, (long)OnHand, (long)Reserved, _stockVersion, now);
    }

    public SetStockOutcome Set(SetStock command, DateTimeOffset now)
    {
        if (Find(command.Operation.Id) is { } receipt)
        {
            return receipt.Fingerprint == command.Operation.Fingerprint
                ? new(SetStockStatus.Set, Level, Replayed: true)
                : new(SetStockStatus.KeyReused, Level);
        }

        if (_details is null) return new(SetStockStatus.UnknownProduct, null);
        if (command.IfVersion is { } version && version != _stockVersion) return new(SetStockStatus.VersionMismatch, Level);
        if (command.OnHand < Reserved) return new(SetStockStatus.BelowReserved, Level);
        SetStock(command.Operation, command.OnHand, now);
        return new(SetStockStatus.Set, Level);
    }

    /// <summary>A repeat after the hold has ended knows no price any more.</summary>
    public ReserveOutcome Reserve(ReserveStock command, DateTimeOffset now)
    {
        var (id, fingerprint) = command.Operation;
        if (Open(id) is { } hold)
        {
            return hold.Fingerprint == fingerprint
                ? new(ReserveStatus.Reserved, View(id, hold.Quantity, ReservationStatus.Reserved, hold.ExpiresAt), hold.Price, Replayed: true)
                : new(ReserveStatus.KeyReused);
        }

        if (Find(id) is { } receipt)
        {
            if (receipt.Kind == Kind.Tombstone) return new(ReserveStatus.Released);
            return receipt.Fingerprint == fingerprint
                ? new(ReserveStatus.Reserved, View(id, receipt.Number, ReservationStatus.Reserved, receipt.ExpiresAt), Replayed: true)
                : new(ReserveStatus.KeyReused);
        }

        if (now > command.Deadline) return new(ReserveStatus.DeadlinePassed);
        if (_details is not { } details) return new(ReserveStatus.UnknownProduct);
        if (command.Quantity > Available) return new(ReserveStatus.InsufficientStock, Available: (long)Available);
        _version++;
        _holds.Add(new(id, fingerprint, command.Quantity, now + command.Ttl, details.Price));
        return new(ReserveStatus.Reserved, View(id, command.Quantity, ReservationStatus.Reserved, now + command.Ttl), details.Price);
    }

    public ReservationOutcome Commit(ReservationCommand command, DateTimeOffset now)
    {
        if (Open(command.Id) is { } hold)
        {
            Close(hold, Kind.Committed, now);
            return Sell(command.Id, hold.Quantity, hold.ExpiresAt);
        }

        switch (Find(command.Id))
        {
            case { Kind: Kind.Committed } sold:
                return Done(sold, ReservationStatus.Committed, replayed: true);
            case { Kind: Kind.Expired } expired when expired.Number <= Available:
                Record(expired with { Kind = Kind.Committed, At = now });
                return Sell(command.Id, expired.Number, expired.ExpiresAt);
            case { Kind: Kind.Expired } expired:
                return new(ReservationOutcomeStatus.Expired, View(command.Id, expired.Number, ReservationStatus.Expired, expired.ExpiresAt));
            case { Kind: Kind.Released } released:
                return new(
                    ReservationOutcomeStatus.AlreadyReleased,
                    View(command.Id, released.Number, ReservationStatus.Released, released.ExpiresAt));
            case { Kind: Kind.Tombstone }:
                return new(ReservationOutcomeStatus.AlreadyReleased);
            default:
                return new(ReservationOutcomeStatus.NotFound);
        }
    }

    public ReservationOutcome Release(ReservationCommand command, DateTimeOffset now)
    {
        if (Open(command.Id) is { } hold)
        {
            _version++;
            Close(hold, Kind.Released, now);
            return new(ReservationOutcomeStatus.Done, View(command.Id, hold.Quantity, ReservationStatus.Released, hold.ExpiresAt));
        }

        switch (Find(command.Id))
        {
            case { Kind: Kind.Committed } sold:
                return new(ReservationOutcomeStatus.AlreadyCommitted, View(command.Id, sold.Number, ReservationStatus.Committed, sold.ExpiresAt));
            case { Kind: Kind.Expired } expired:
                _version++;
                Record(expired with { Kind = Kind.Released, At = now });
                return Done(expired, ReservationStatus.Released, replayed: false);
            case { Kind: Kind.Released } released:
                return Done(released, ReservationStatus.Released, replayed: true);
            case { Kind: Kind.Tombstone }:
                return new(ReservationOutcomeStatus.Done, Replayed: true);
            default:
                if (!command.LeaveTombstone) return new(ReservationOutcomeStatus.NotFound);
                _version++;
                Record(new(command.Id, 0, Kind.Tombstone, now, 0, 0, DateTimeOffset.UnixEpoch));
                return new(ReservationOutcomeStatus.Done);
        }
    }

    public ReservationOutcome Undo(ReservationCommand command, DateTimeOffset now)
    {
        if (Open(command.Id) is not null || Find(command.Id) is not { Kind: Kind.Committed } sold) return Release(command, now);
        _stockVersion = ++_version;
        OnHand += sold.Number;
        Record(sold with { Kind = Kind.Released, At = now });
        return Done(sold, ReservationStatus.Released, replayed: false);
    }

    public StockLevel? Level => _details is null ? null : new(sku, (long)OnHand, (long)Reserved, _stockVersion);

    private ProductDetails? Details => _details is { } details ? new(sku, details.Name, details.Price, details.Version) : null;

    private void SetStock(Operation operation, BigInteger onHand, DateTimeOffset now)
    {
        OnHand = onHand;
        _stockVersion = ++_version;
        Record(new(operation.Id, operation.Fingerprint, Kind.Stock, now, onHand, _version, default));
    }

    private ReservationOutcome Sell(Guid id, BigInteger quantity, DateTimeOffset expiresAt)
    {
        _stockVersion = ++_version;
        OnHand -= quantity;
        return new(ReservationOutcomeStatus.Done, View(id, quantity, ReservationStatus.Committed, expiresAt));
    }

    private void Close(Hold hold, Kind kind, DateTimeOffset now)
    {
        _holds.Remove(hold);
        Record(new(hold.Id, hold.Fingerprint, kind, now, hold.Quantity, 0, hold.ExpiresAt));
    }

    /// <summary>A receipt is kept for 24 hours after it was last recorded, the oldest first.</summary>
    private void Record(Receipt receipt)
    {
        var same = _receipts.FindIndex(kept => kept.Id == receipt.Id && kept.At == receipt.At);
        if (same >= 0)
        {
            _receipts[same] = receipt;
        }
        else
        {
            _receipts.RemoveAll(kept => kept.Id == receipt.Id);
            _receipts.Add(receipt);
        }

        _receipts.RemoveAll(kept => receipt.At - kept.At > TimeSpan.FromHours(24));
    }

    private Hold? Open(Guid id) => _holds.Find(hold => hold.Id == id);

    private Receipt? Find(Guid id) => _receipts.Find(receipt => receipt.Id == id);

    private ReservationOutcome Done(Receipt receipt, ReservationStatus status, bool replayed) =>
        new(ReservationOutcomeStatus.Done, View(receipt.Id, receipt.Number, status, receipt.ExpiresAt), replayed);

    private Reservation View(Guid id, BigInteger quantity, ReservationStatus status, DateTimeOffset expiresAt) =>
        new(id, sku, (long)quantity, status, expiresAt);
}
