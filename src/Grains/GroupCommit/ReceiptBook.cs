namespace Holdfast.Grains.GroupCommit;

/// <summary>The recorded answer to one operation, compact.</summary>
/// <param name="Fingerprint">A hash of what was asked; another one under the same id is key reuse.</param>
/// <param name="At">When the effect was recorded, Unix milliseconds.</param>
/// <param name="Kind">Which answer, in the owner's own numbering.</param>
/// <param name="A">The first number of the answer.</param>
/// <param name="B">The second number of the answer.</param>
public readonly record struct Receipt(ulong Fingerprint, long At, byte Kind, long A, long B);

/// <summary>
/// The receipts of one owner, part of its state. Kept for 24 hours of the owner's own recorded time, never by a clock, so that a
/// replay forgets what the original forgot. Past <see cref="MemoryBound"/> the oldest move to the receipts table.
/// </summary>
public sealed class ReceiptBook
{
    /// <summary>Receipts held in memory; a receipt costs about 80 bytes.</summary>
    public const int MemoryBound = 100_000;

    /// <summary>Receipts that move out at a time.</summary>
    public const int SpillSize = 10_000;

    /// <summary>How long a receipt is kept, milliseconds.</summary>
    public const long KeepMilliseconds = 24L * 60 * 60 * 1000;

    private const int RecalledBound = 1_000;

    private readonly Dictionary<Guid, Receipt> _kept = [];

    // Oldest first. A receipt that was replaced has an entry for each time it was recorded; only the newest one counts.
    private readonly Queue<(Guid Id, long At)> _order = [];

    // What was looked up in the receipts table; a cache, not state.
    private readonly Dictionary<Guid, Receipt> _recalled = [];

    // On its way to the table: in neither place for sure until the append that moves it is durable.
    private readonly Dictionary<Guid, Receipt> _moving = [];

    /// <summary>Receipts in memory.</summary>
    public int Count => _kept.Count;

    /// <summary>Until this moment (Unix milliseconds) an operation that is not in memory may have a receipt in the table.</summary>
    public long SpilledUntil { get; private set; }

    public bool OverBound => _kept.Count > MemoryBound;

    /// <summary>
    /// For deciding. Not for applying an event: what is on its way to the table, or was looked up there, is not known to a replay.
    /// </summary>
    public bool TryGet(Guid operation, out Receipt receipt) =>
        _kept.TryGetValue(operation, out receipt)
        || _recalled.TryGetValue(operation, out receipt)
        || _moving.TryGetValue(operation, out receipt);

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
        for (var left = count; left > 0 && _order.TryDequeue(out var entry);)
        {
            if (!Counts(entry)) continue;
            _kept.Remove(entry.Id, out var receipt);
            _moving[entry.Id] = receipt;
            SpilledUntil = Math.Max(SpilledUntil, receipt.At + KeepMilliseconds);
            left--;
        }
    }

    /// <summary>What was moved is durable in the table.</summary>
    public void ForgetMoved()
    {
        if (_moving.Count > 0) _moving.Clear();
    }

    /// <summary>A copy for a snapshot.</summary>
    public ReceiptBookSnapshot Capture() =>
        new(SpilledUntil, [.. _order.Where(Counts).Select(entry => new KeptReceipt(entry.Id, _kept[entry.Id]))]);

    public static ReceiptBook Restore(ReceiptBookSnapshot snapshot)
    {
        var book = new ReceiptBook { SpilledUntil = snapshot.SpilledUntil };
        foreach (var (id, receipt) in snapshot.Kept)
        {
            book._kept[id] = receipt;
            book._order.Enqueue((id, receipt.At));
        }

        return book;
    }

    private bool Counts((Guid Id, long At) entry) => _kept.TryGetValue(entry.Id, out var receipt) && receipt.At == entry.At;
}

public sealed record ReceiptBookSnapshot(long SpilledUntil, KeptReceipt[] Kept);

public sealed record KeptReceipt(Guid Id, Receipt Receipt);
