using System.Numerics;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Tests.Domain.Inventory;

/// <summary>
/// Stock as one would write it with no care for speed: lists that are scanned from end to end, numbers without bounds, what is
/// reserved counted anew each time.
/// </summary>
internal sealed partial class NaiveStock(string sku)
{
    private readonly List<Hold> _holds = [];
    private readonly List<Receipt> _receipts = [];
    private ProductDetails? _details;
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
        Verb,
    }

    private sealed record Hold(
        Guid Id, ulong Fingerprint, BigInteger Quantity, DateTimeOffset ExpiresAt, Money Price, DateTimeOffset At, HoldText? Text);

    private sealed record Receipt(
        Guid Id, ulong Fingerprint, Kind Kind, DateTimeOffset At, BigInteger Number, long Version, DateTimeOffset ExpiresAt)
    {
        /// <summary>Of one that was committed.</summary>
        public BigInteger Sold { get; init; }
    }

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
        foreach (var hold in over) Close(hold, Kind.Expired, 0, now);
    }

    public PutProductOutcome Put(PutProduct command, DateTimeOffset now)
    {
        if (Find(command.Operation.Id) is { } receipt)
        {
            var first = receipt.Number == 1 ? PutProductStatus.Created : PutProductStatus.Replaced;
            return receipt.Fingerprint == command.Operation.Fingerprint
                ? new(first, _details, Replayed: true)
                : new(PutProductStatus.KeyReused, _details);
        }

        if (command.IfAbsent && _details is not null) return new(PutProductStatus.VersionMismatch, _details);
        if (command.IfVersion is { } version && version != _details?.Version) return new(PutProductStatus.VersionMismatch, _details);
        var status = _details is null ? PutProductStatus.Created : PutProductStatus.Replaced;
        Put(command.Name, command.UnitPrice, command.Reference, command.Metadata, command.Archived, now);
        var created = status == PutProductStatus.Created ? 1 : 0;
        Record(new(command.Operation.Id, command.Operation.Fingerprint, Kind.Details, now, created, _version, default));
        return new(status, _details);
    }

    public PatchProductOutcome Patch(PatchProduct command, DateTimeOffset now)
    {
        if (Find(command.Operation.Id) is { } receipt)
        {
            return receipt.Fingerprint == command.Operation.Fingerprint
                ? new(PatchProductStatus.Patched, _details, Replayed: true)
                : new(PatchProductStatus.KeyReused);
        }

        if (_details is not { } details) return new(PatchProductStatus.NotFound);
        if (command.IfVersion is { } version && version != details.Version) return new(PatchProductStatus.VersionMismatch, details);
        var price = new Money(command.Amount ?? details.UnitPrice.Amount, command.Currency ?? details.UnitPrice.Currency);
        var reference = command.SetsReference ? command.Reference : details.Reference;
        Put(command.Name ?? details.Name, price, reference, details.Metadata, command.Archived ?? details.Archived, now);
        Record(new(command.Operation.Id, command.Operation.Fingerprint, Kind.Details, now, 0, _version, default));
        return new(PatchProductStatus.Patched, _details);
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
        var (id, fingerprint, _) = command.Operation;
        if (Open(id) is { } hold)
        {
            return hold.Fingerprint == fingerprint
                ? new(ReserveStatus.Reserved, View(hold), hold.Price, Replayed: true)
                : new(ReserveStatus.KeyReused);
        }

        if (Find(id) is { } receipt)
        {
            if (receipt.Kind == Kind.Tombstone) return new(ReserveStatus.Released);
            return receipt.Fingerprint == fingerprint
                ? new(
                    ReserveStatus.Reserved,
                    View(receipt with { Kind = Kind.Expired }, ReservationStatus.Reserved) with { Text = command.Text },
                    Replayed: true)
                : new(ReserveStatus.KeyReused);
        }

        if (now > command.Deadline) return new(ReserveStatus.DeadlinePassed);
        if (_details is not { } details) return new(ReserveStatus.UnknownProduct);
        if (details.Archived) return new(ReserveStatus.Archived);
        if (command.Quantity > Available) return new(ReserveStatus.InsufficientStock, Available: (long)Available);
        _version++;
        var made = new Hold(id, fingerprint, command.Quantity, now + command.Ttl, details.UnitPrice, now, command.Text);
        _holds.Add(made);
        return new(ReserveStatus.Reserved, View(made), details.UnitPrice);
    }

    public StockLevel? Level => _details is null ? null : new(sku, (long)OnHand, (long)Reserved, _stockVersion);

    private void Put(string name, Money price, string? reference, MetadataEntry[] metadata, bool archived, DateTimeOffset now) =>
        _details = new(sku, name, price, ++_version)
        {
            Reference = reference,
            Metadata = metadata,
            Archived = archived,
            CreatedAt = _details?.CreatedAt ?? now,
            UpdatedAt = now,
        };

    private void SetStock(Operation operation, BigInteger onHand, DateTimeOffset now)
    {
        OnHand = onHand;
        _stockVersion = ++_version;
        Record(new(operation.Id, operation.Fingerprint, Kind.Stock, now, onHand, _version, default));
    }

    private void Close(Hold hold, Kind kind, BigInteger sold, DateTimeOffset now)
    {
        _holds.Remove(hold);
        Record(ReceiptOf(hold, now) with { Kind = kind, Sold = sold });
    }

    private static Receipt ReceiptOf(Hold hold, DateTimeOffset now) =>
        new(hold.Id, hold.Fingerprint, Kind.Expired, now, hold.Quantity, 0, hold.ExpiresAt);

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

    /// <summary>Not of something else that was done under the same id.</summary>
    private Receipt? Reservation(Guid id) =>
        Find(id) is { Kind: Kind.Committed or Kind.Released or Kind.Expired or Kind.Tombstone } receipt ? receipt : null;

    private Reservation View(Hold hold) => new(hold.Id, sku, (long)hold.Quantity, ReservationStatus.Reserved, hold.ExpiresAt)
    {
        Text = hold.Text,
        CreatedAt = hold.At,
    };

    private Reservation View(Receipt receipt) => View(receipt, receipt.Kind switch
    {
        Kind.Committed => ReservationStatus.Committed,
        Kind.Expired => ReservationStatus.Expired,
        _ => ReservationStatus.Released,
    });

    private Reservation View(Receipt receipt, ReservationStatus status) =>
        new(receipt.Id, sku, (long)receipt.Number, status, receipt.ExpiresAt)
        {
            Committed = receipt.Kind == Kind.Committed ? (long)receipt.Sold : 0,
        };
}
