using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Inventory;

/// <summary>Units held for one buyer.</summary>
/// <param name="ExpiresAt">Unix milliseconds.</param>
public readonly record struct Hold(long Quantity, long ExpiresAt, ulong Fingerprint, Money UnitPrice);

/// <summary>
/// What the owner of one product knows. Changed only by applying events; on hand ≥ reserved ≥ 0, and reserved is the sum of the
/// open holds, at every version.
/// </summary>
public sealed class StockState(string sku) : IOwnerState<StockEvent>
{
    // Cheap to keep: an entry stays until its time comes or the queue outgrows the open holds it stands for.
    // The id breaks ties: holds that end together must end in the same order in every replay.
    private PriorityQueue<Guid, (long At, Guid Id)> _expiries = new();

    public string Sku { get; } = sku;

    /// <summary>Of the last event applied; a rule's first event gets the next one.</summary>
    public long Version { get; private set; }

    /// <summary>Null until the product is created.</summary>
    public string? Name { get; private set; }

    public Money UnitPrice { get; private set; }

    public long DetailsVersion { get; private set; }

    public long OnHand { get; private set; }

    public long Reserved { get; private set; }

    /// <summary>Of the last event that changed what is on hand; a hold does not.</summary>
    public long StockVersion { get; private set; }

    public Dictionary<Guid, Hold> Holds { get; } = [];

    public ReceiptBook Receipts { get; private set; } = new();

    public int Size => Holds.Count + Receipts.Size;

    public bool Exists => Name is not null;

    public long Available => OnHand - Reserved;

    /// <summary>Unix milliseconds of the earliest open hold's end, or null.</summary>
    public long? NextExpiry
    {
        get
        {
            while (_expiries.TryPeek(out var id, out var end))
            {
                if (Holds.TryGetValue(id, out var hold) && hold.ExpiresAt == end.At) return end.At;
                _expiries.Dequeue();
            }

            return null;
        }
    }

    /// <summary>Every hold that is over at that time.</summary>
    public StockEvent? Elapse(DateTimeOffset now)
    {
        var through = now.ToUnixTimeMilliseconds();
        return NextExpiry <= through ? new StockEvent.Expired(through) : null;
    }

    public void Check()
    {
        if (Reserved < 0 || OnHand < Reserved)
        {
            throw new InvariantViolationException($"{Sku} would have {OnHand} on hand and {Reserved} reserved.");
        }
    }

    /// <summary>A hold that is open is its own receipt.</summary>
    public bool TryGetReceipt(Guid operation, out Receipt receipt)
    {
        if (!Holds.TryGetValue(operation, out var hold)) return Receipts.TryGet(operation, out receipt);
        receipt = StockReceipts.Open(hold);
        return true;
    }

    public void Apply(StockEvent @event, long version, DateTimeOffset at) => Apply(@event, version, at.ToUnixTimeMilliseconds());

    private void Apply(StockEvent @event, long version, long at)
    {
        Version = version;
        switch (@event)
        {
            case StockEvent.DetailsPut put:
                Receipts.Record(put.Operation, StockReceipts.DetailsChange(put.Fingerprint, at, creates: !Exists, version));
                (Name, UnitPrice, DetailsVersion) = (put.Name, new(put.Amount, put.Currency), version);
                break;
            case StockEvent.Adjusted adjusted:
                (OnHand, StockVersion) = (adjusted.OnHand, version);
                Receipts.Record(adjusted.Operation, StockReceipts.StockChange(adjusted.Fingerprint, at, OnHand, version));
                break;
            case StockEvent.Counted counted:
                (OnHand, StockVersion) = (counted.OnHand, version);
                Receipts.Record(counted.Operation, StockReceipts.StockChange(counted.Fingerprint, at, OnHand, version));
                break;
            case StockEvent.Reserved reserved:
                Open(reserved.Id, new(reserved.Quantity, reserved.ExpiresAt, reserved.Fingerprint, new(reserved.Amount, reserved.Currency)));
                break;
            case StockEvent.Committed committed:
                if (committed.Late is { } late) Receipts.Record(committed.Id, StockReceipts.Ended(late, at, StockReceiptKind.Committed));
                else Close(committed.Id, at, StockReceiptKind.Committed);
                (OnHand, StockVersion) = (committed.OnHand, version);
                break;
            case StockEvent.Released released when Holds.ContainsKey(released.Id):
                Close(released.Id, at, StockReceiptKind.Released);
                break;
            case StockEvent.Released released:
                Receipts.Record(
                    released.Id, released.Late is { } expired ? StockReceipts.Ended(expired, at, StockReceiptKind.Released) : StockReceipts.Tombstone(at));
                break;
            case StockEvent.Returned returned:
                Receipts.Record(returned.Id, StockReceipts.Ended(returned.Hold, at, StockReceiptKind.Released));
                (OnHand, StockVersion) = (returned.OnHand, version);
                break;
            case StockEvent.Expired over:
                Expire(over.Through, at);
                break;
            case StockEvent.ReceiptsMoved moved:
                Receipts.MoveOldest(moved.Count);
                break;
            default:
                throw new InvariantViolationException($"{Sku} has an event of an unknown type {@event.GetType().Name}.");
        }
    }

    private void Open(Guid id, Hold hold)
    {
        Holds.Add(id, hold);
        Reserved += hold.Quantity;
        if (_expiries.Count > (2 * Holds.Count) + 64)
        {
            _expiries = new(Holds.Select(static open => (open.Key, (open.Value.ExpiresAt, open.Key))));
        }
        else
        {
            _expiries.Enqueue(id, (hold.ExpiresAt, id));
        }
    }

    private void Close(Guid id, long at, byte kind)
    {
        Holds.Remove(id, out var hold);
        Reserved -= hold.Quantity;
        Receipts.Record(id, StockReceipts.Open(hold) with { At = at, Kind = kind });
    }

    private void Expire(long through, long at)
    {
        while (NextExpiry is { } next && next <= through) Close(_expiries.Dequeue(), at, StockReceiptKind.Expired);
    }

    /// <summary>A copy that no later event changes.</summary>
    public StockSnapshot Capture() => new(
        Name,
        UnitPrice.Amount,
        UnitPrice.Currency,
        DetailsVersion,
        OnHand,
        StockVersion,
        Version,
        [.. Holds.Select(static open => new HoldSnapshot(
            open.Key, open.Value.Quantity, open.Value.ExpiresAt, open.Value.Fingerprint, open.Value.UnitPrice.Amount, open.Value.UnitPrice.Currency))],
        Receipts.Capture());

    public static StockState Restore(string sku, StockSnapshot snapshot)
    {
        var state = new StockState(sku)
        {
            Name = snapshot.Name,
            UnitPrice = new(snapshot.Amount, snapshot.Currency),
            DetailsVersion = snapshot.DetailsVersion,
            OnHand = snapshot.OnHand,
            StockVersion = snapshot.StockVersion,
            Version = snapshot.Version,
            Receipts = ReceiptBook.Restore(snapshot.Receipts),
        };
        foreach (var hold in snapshot.Holds)
        {
            state.Open(hold.Id, new(hold.Quantity, hold.ExpiresAt, hold.Fingerprint, new(hold.Amount, hold.Currency)));
        }

        return state;
    }
}
