using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Counters;

/// <summary>What the owner of one counter, or of a shard of one, knows.</summary>
public sealed class CounterState : IOwnerState<CounterEvent>
{
    public long Value { get; private set; }

    /// <summary>How many shards its increments go to; 0 when they are its own.</summary>
    public int Shards { get; private set; }

    /// <summary>It was incremented: it is to have no shards any more.</summary>
    public bool IsStarted { get; private set; }

    public ReceiptBook Receipts { get; private set; } = new();

    public SeenFence[]? Fences { get; private set; }

    public int Size => 1 + Receipts.Size;

    public void Apply(CounterEvent @event, long version, DateTimeOffset at)
    {
        switch (@event)
        {
            case CounterEvent.Incremented incremented:
                (Value, IsStarted) = (incremented.Value, true);
                Receipts.Record(incremented.Operation, CounterReceipts.Incremented(incremented.Fingerprint, at, Value));
                break;
            case CounterEvent.Sharded sharded:
                Shards = sharded.Shards;
                Receipts.Record(sharded.Operation, CounterReceipts.Sharded(sharded.Fingerprint, at, Shards));
                break;
            case CounterEvent.FenceSeen seen:
                Fences = Fences.With(seen.Name, seen.Number);
                break;
            case CounterEvent.ReceiptsMoved moved:
                Receipts.MoveOldest(moved.Count);
                break;
        }
    }

    /// <summary>A copy that no later event changes.</summary>
    public CounterSnapshot Capture() =>
        new(Value, Receipts.Capture(), Shards > 0 ? Shards : null, Fences, IsStarted || Shards > 0 ? null : true);

    public static CounterState Restore(CounterSnapshot snapshot) => new()
    {
        Value = snapshot.Value,
        Receipts = ReceiptBook.Restore(snapshot.Receipts),
        Shards = snapshot.Shards ?? 0,
        Fences = snapshot.Fences,
        IsStarted = snapshot is { Shards: null, IsUntouched: null },
    };
}
