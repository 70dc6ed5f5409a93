namespace Holdfast.Domain.Owner;

/// <summary>
/// The receipts of one owner, part of its state. Kept for 24 hours of the owner's own recorded time, never by a clock, so that a
/// replay forgets what the original forgot. Past <see cref="MemoryBound"/> the oldest move to the receipts table, and only a filter
/// of them is left here.
/// </summary>
public sealed class ReceiptBook
{
    /// <summary>Receipts held in memory by one owner; fewer when the silo's owners together have too many: who hosts it decides.</summary>
    public const int MemoryBound = 100_000;

    /// <summary>Receipts that move out at a time.</summary>
    public const int SpillSize = 10_000;

    /// <summary>How long a receipt is kept, milliseconds.</summary>
    public const long KeepMilliseconds = 24L * 60 * 60 * 1000;

    /// <summary>What a receipt takes in memory, on the average, and in a snapshot.</summary>
    public const int BytesPerReceipt = 110;

    private const int RecalledBound = 1_000;

    /// <summary>A place for a receipt in a dictionary: hash and next (8), id (16), receipt (40), bucket (4).</summary>
    private const int BytesPerPlace = 68;

    /// <summary>A place in the queue: id and moment.</summary>
    private const int BytesPerTurn = 24;

    /// <summary>Fewer places than that are not given back.</summary>
    private const int MinPlaces = 64;

    private readonly Dictionary<Guid, Receipt> _kept = [];

    // Oldest first. A receipt that was replaced has an entry for each time it was recorded; only the newest one counts.
    private readonly Queue<(Guid Id, long At)> _order = [];

    // What was looked up in the receipts table; a cache, not state.
    private readonly Dictionary<Guid, Receipt> _recalled = [];

    // On its way to the table: in neither place for sure until the append that moves it is durable.
    private readonly Dictionary<Guid, Receipt> _moving = [];

    // What moved to the table in the last 24 hours.
    private readonly SpilledFilter _spilled = new();

    /// <summary>Receipts in memory.</summary>
    public int Count => _kept.Count;

    /// <summary>Bytes in memory.</summary>
    public long Bytes =>
        ((long)(_kept.Capacity + _recalled.Capacity + _moving.Capacity) * BytesPerPlace) + ((long)_order.Capacity * BytesPerTurn) + _spilled.Bytes;

    /// <summary>When the oldest in memory was recorded, Unix milliseconds; or somewhat earlier.</summary>
    public long OldestAt => _order.TryPeek(out var oldest) ? oldest.At : long.MaxValue;

    /// <summary>How many entries a snapshot holds: the filter, too, is written each time.</summary>
    public int Size => _kept.Count + (int)(_spilled.Bytes / BytesPerReceipt);

    /// <summary>Until this moment (Unix milliseconds) an operation that is not in memory may have a receipt in the table.</summary>
    public long SpilledUntil { get; private set; }

    /// <summary>How often receipts have moved out: what was read in the table before that may be older than what is there now.</summary>
    public int Moves { get; private set; }

    public bool OverBound => _kept.Count > MemoryBound;

    /// <summary>
    /// For deciding. Not for applying an event: what is on its way to the table, or was looked up there, is not known to a replay.
    /// </summary>
    public bool TryGet(Guid operation, out Receipt receipt) =>
        _kept.TryGetValue(operation, out receipt)
        || _recalled.TryGetValue(operation, out receipt)
        || _moving.TryGetValue(operation, out receipt);

    /// <summary>Whether the receipt of an operation that is not known here has to be looked for in the table.</summary>
    /// <param name="now">Unix milliseconds.</param>
    public bool MayBeInTable(Guid operation, long now) =>
        SpilledUntil > now && !TryGet(operation, out _) && _spilled.MayContain(operation, now);

    /// <summary>Records or, for an id that is known, replaces a receipt; forgets those that are older than 24 hours.</summary>
    public void Record(Guid operation, Receipt receipt)
    {
        if (!_kept.TryGetValue(operation, out var earlier) || earlier.At != receipt.At) _order.Enqueue((operation, receipt.At));
        _kept[operation] = receipt;
        _recalled.Remove(operation);
        _moving.Remove(operation);
        while (_order.TryPeek(out var oldest) && (oldest.At < receipt.At - KeepMilliseconds || !Counts(oldest)))
        {
            if (Counts(oldest)) _kept.Remove(oldest.Id);
            _order.Dequeue();
        }

        _spilled.Forget(receipt.At);
        GiveBack();
    }

    /// <summary>Makes a receipt that was found elsewhere known to the next decision.</summary>
    public void Recall(Guid operation, Receipt receipt)
    {
        if (_recalled.Count >= RecalledBound) _recalled.Clear();
        _recalled[operation] = receipt;
    }

    /// <summary>The oldest receipts, which the next append moves to the table.</summary>
    public IEnumerable<KeyValuePair<Guid, Receipt>> Oldest(int count) =>
        _order.Where(Counts).Take(count).Select(entry => new KeyValuePair<Guid, Receipt>(entry.Id, _kept[entry.Id]));

    /// <summary>Moves out what <see cref="Oldest"/> gave; still known here until <see cref="ForgetMoved"/>.</summary>
    public void MoveOldest(int count)
    {
        Moves++;
        for (var left = count; left > 0 && _order.TryDequeue(out var entry);)
        {
            if (!Counts(entry)) continue;
            _kept.Remove(entry.Id, out var receipt);
            _moving[entry.Id] = receipt;
            var until = receipt.At + KeepMilliseconds;
            SpilledUntil = Math.Max(SpilledUntil, until);
            _spilled.Add(entry.Id, until, count);
            left--;
        }

        GiveBack();
    }

    /// <summary>What was moved is durable in the table.</summary>
    public void ForgetMoved()
    {
        if (_moving.Count == 0) return;
        _moving.Clear();
        _moving.TrimExcess();
    }

    /// <summary>A copy for a snapshot.</summary>
    public ReceiptBookSnapshot Capture() =>
        new(
            SpilledUntil,
            [.. _order.Where(Counts).Select(entry => new KeptReceipt(entry.Id, _kept[entry.Id]))],
            SpilledUntil == 0 ? null : _spilled.Capture());

    public static ReceiptBook Restore(ReceiptBookSnapshot snapshot)
    {
        var book = new ReceiptBook { SpilledUntil = snapshot.SpilledUntil };

        // A snapshot from before there was a filter does not say what moved: it may be anything.
        if (snapshot.SpilledUntil > 0) book._spilled.Restore(snapshot.Spilled ?? [new(0, snapshot.SpilledUntil, 0, [])]);
        book._kept.EnsureCapacity(snapshot.Kept.Length);
        book._order.EnsureCapacity(snapshot.Kept.Length);
        foreach (var (id, receipt) in snapshot.Kept)
        {
            book._kept[id] = receipt;
            book._order.Enqueue((id, receipt.At));
        }

        return book;
    }

    /// <summary>Collections never shrink by themselves. Half of what is left stays free, so that this is rare.</summary>
    private void GiveBack()
    {
        if (_kept.Capacity <= MinPlaces || _kept.Count > _kept.Capacity / 4) return;
        _kept.TrimExcess(2 * _kept.Count);
        _order.TrimExcess(Math.Max(2 * _kept.Count, _order.Count));
    }

    private bool Counts((Guid Id, long At) entry) => _kept.TryGetValue(entry.Id, out var receipt) && receipt.At == entry.At;
}

/// <param name="Spilled">What moved to the table; null when nothing has, or when it is not known.</param>
public sealed record ReceiptBookSnapshot(long SpilledUntil, KeptReceipt[] Kept, SpilledPiece[]? Spilled = null);

public sealed record KeptReceipt(Guid Id, Receipt Receipt);
