using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Inventory;

/// <summary>Units held for one buyer.</summary>
/// <param name="ExpiresAt">Unix milliseconds.</param>
/// <param name="CreatedAt">Unix milliseconds; 0 in what was stored before it was kept.</param>
/// <param name="Text">Null for neither.</param>
public readonly record struct Hold(
    long Quantity, long ExpiresAt, ulong Fingerprint, Money UnitPrice, long CreatedAt, HoldText? Text);

/// <summary>
/// What the owner of one product knows. Changed only by applying events; on hand ≥ reserved ≥ 0, and reserved is the sum of the
/// open holds, at every version.
/// </summary>
public sealed partial class StockState(string sku) : IOwnerState<StockEvent>
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

    /// <summary>The shop's own number or name for it.</summary>
    public string? Reference { get; private set; }

    /// <summary>What the shop keeps with it; null for none. Never changed in place.</summary>
    public Dictionary<string, string>? Metadata { get; private set; }

    /// <summary>It is not for sale any more: nobody can reserve it, and who holds some of it keeps that.</summary>
    public bool Archived { get; private set; }

    /// <summary>Null when it was stored before it was kept; as <see cref="UpdatedAt"/> is.</summary>
    public DateTimeOffset? CreatedAt { get; private set; }

    /// <summary>When the details were last changed.</summary>
    public DateTimeOffset? UpdatedAt { get; private set; }

    public long DetailsVersion { get; private set; }

    /// <summary>Periods that were not over at the last event; see <see cref="PriceSchedule"/>.</summary>
    public ScheduledPrice[]? Prices { get; private set; }

    /// <summary>Of the last event that changed <see cref="Prices"/>; 0 when there was none.</summary>
    public long PricesVersion { get; private set; }

    public long OnHand { get; private set; }

    public long Reserved { get; private set; }

    /// <summary>Of the last event that changed what is on hand; a hold does not.</summary>
    public long StockVersion { get; private set; }

    public Dictionary<Guid, Hold> Holds { get; } = [];

    public ReceiptBook Receipts { get; private set; } = new();

    /// <summary>What it remembers of sources that number what they tell; null when there is none.</summary>
    public SourceBook? Sources { get; private set; }

    public SeenFence[]? Fences { get; private set; }

    public int Size => Holds.Count + Receipts.Size + (Sources?.Size ?? 0);

    public bool Exists => Name is not null;

    public long Available => OnHand - Reserved;

    /// <summary>Ends of holds that are waited for, of some more than one.</summary>
    public int Expected => _expiries.Count;

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
        if (Prices is not null) Prices = PriceSchedule.Rest(Prices, at);
        switch (@event)
        {
            case StockEvent.DetailsPut put:
                Receipts.Record(put.Operation, StockReceipts.DetailsChange(put.Fingerprint, at, creates: !Exists, version));
                UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(at);
                if (!Exists) CreatedAt = UpdatedAt;
                (Name, UnitPrice, DetailsVersion) = (put.Name, new(put.Amount, put.Currency), version);
                (Reference, Metadata, Archived) = (put.Reference, put.Metadata, put.Archived == true);
                break;
            case StockEvent.Adjusted adjusted:
                (OnHand, StockVersion) = (adjusted.OnHand, version);
                Receipts.Record(adjusted.Operation, StockReceipts.StockChange(adjusted.Fingerprint, at, OnHand, version));
                Told(adjusted.Source, adjusted.Sequence, new(version, adjusted.Delta, false, IsSuperseded: false, adjusted.EffectiveAt));
                break;
            case StockEvent.Counted counted:
                (OnHand, StockVersion) = (counted.OnHand, version);
                Receipts.Record(counted.Operation, StockReceipts.StockChange(counted.Fingerprint, at, OnHand, version));
                Told(counted.Source, counted.Sequence, new(version, counted.Count ?? 0, true, IsSuperseded: false, null));
                break;
            case StockEvent.Superseded late:
                Receipts.Record(late.Operation, StockReceipts.Superseded(late.Fingerprint, at, OnHand, version));
                var said = late.Count ?? late.Delta ?? 0;
                Told(late.Source, late.Sequence, new(version, said, late.Count is not null, IsSuperseded: true, late.EffectiveAt));
                break;
            case StockEvent.Reserved reserved:
                Open(reserved.Id, new(
                    reserved.Quantity,
                    reserved.ExpiresAt,
                    reserved.Fingerprint,
                    new(reserved.Amount, reserved.Currency),
                    at,
                    reserved.Text));
                break;
            case StockEvent.Extended extended:
                Extend(extended.Id, extended.ExpiresAt);
                Remember(extended.By, at);
                break;
            case StockEvent.Committed committed:
                Receipts.Record(committed.Id, StockReceipts.Sold(
                    committed.Late is { } expired ? StockReceipts.Ended(expired, at, StockReceiptKind.Expired) : Close(committed.Id),
                    at,
                    committed.Quantity));
                Remember(committed.By, at);
                (OnHand, StockVersion) = (committed.OnHand, version);
                break;
            case StockEvent.Released released:
                Receipts.Record(released.Id, ReceiptOf(released, at));
                Remember(released.By, at);
                break;
            case StockEvent.Returned returned:
                Receipts.Record(returned.Id, StockReceipts.Ended(returned.Hold, at, StockReceiptKind.Released));
                (OnHand, StockVersion) = (returned.OnHand, version);
                break;
            case StockEvent.Expired over:
                Expire(over.Through, at);
                break;
            case StockEvent.FenceSeen seen:
                Fences = Fences.With(seen.Name, seen.Number);
                break;
            case StockEvent.PricesPut prices:
                (Prices, PricesVersion) = (prices.Prices is [] ? null : prices.Prices, version);
                Receipts.Record(prices.Operation, StockReceipts.PricesChange(prices.Fingerprint, at, version));
                break;
            case StockEvent.ReceiptsMoved moved:
                Receipts.MoveOldest(moved.Count);
                break;
            default:
                throw new InvariantViolationException($"{Sku} has an event of an unknown type {@event.GetType().Name}.");
        }
    }

    private void Told(string? source, long? sequence, SourceEntry entry)
    {
        if (source is not null && sequence is { } number) (Sources ??= new()).Record(source, number, entry);
    }

    private Receipt ReceiptOf(StockEvent.Released released, long at)
    {
        if (Holds.ContainsKey(released.Id)) return Close(released.Id) with { At = at, Kind = StockReceiptKind.Released };
        return released.Late is { } expired ? StockReceipts.Ended(expired, at, StockReceiptKind.Released) : StockReceipts.Tombstone(at);
    }

    private void Remember(VerbKey? by, long at)
    {
        if (by is not null) Receipts.Record(by.Operation, StockReceipts.Verb(by.Fingerprint, at));
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
        [.. Holds.Select(static open => HoldSnapshot.Of(open.Key, open.Value))],
        Receipts.Capture())
    {
        Reference = Reference,
        Metadata = Metadata,
        Archived = Archived ? true : null,
        Sources = Sources?.Capture(),
        Fences = Fences,
        Prices = Prices,
        PricesVersion = PricesVersion == 0 ? null : PricesVersion,
        CreatedAt = CreatedAt?.ToUnixTimeMilliseconds(),
        UpdatedAt = UpdatedAt?.ToUnixTimeMilliseconds(),
    };

    public static StockState Restore(string sku, StockSnapshot snapshot)
    {
        var state = new StockState(sku)
        {
            Name = snapshot.Name,
            UnitPrice = new(snapshot.Amount, snapshot.Currency),
            DetailsVersion = snapshot.DetailsVersion,
            Reference = snapshot.Reference,
            Metadata = snapshot.Metadata,
            Archived = snapshot.Archived == true,
            Sources = SourceBook.Restore(snapshot.Sources),
            CreatedAt = TimeOf(snapshot.CreatedAt),
            UpdatedAt = TimeOf(snapshot.UpdatedAt),
            OnHand = snapshot.OnHand,
            StockVersion = snapshot.StockVersion,
            Version = snapshot.Version,
            Prices = snapshot.Prices,
            PricesVersion = snapshot.PricesVersion ?? 0,
            Receipts = ReceiptBook.Restore(snapshot.Receipts),
            Fences = snapshot.Fences,
        };
        foreach (var hold in snapshot.Holds)
        {
            state.Open(hold.Id, hold.ToHold());
        }

        return state;
    }

    private static DateTimeOffset? TimeOf(long? milliseconds) =>
        milliseconds is { } known ? DateTimeOffset.FromUnixTimeMilliseconds(known) : null;
}
