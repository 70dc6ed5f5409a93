using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Counters;

/// <summary>What the owner of one counter knows.</summary>
public sealed class CounterState : IOwnerState<CounterEvent>
{
    public long Value { get; private set; }

    public ReceiptBook Receipts { get; private set; } = new();

    public int Size => 1 + Receipts.Size;

    public void Apply(CounterEvent @event, long version, DateTimeOffset at)
    {
        switch (@event)
        {
            case CounterEvent.Incremented incremented:
                Value = incremented.Value;
                Receipts.Record(incremented.Operation, CounterReceipts.Incremented(incremented.Fingerprint, at, Value));
                break;
            case CounterEvent.ReceiptsMoved moved:
                Receipts.MoveOldest(moved.Count);
                break;
        }
    }

    /// <summary>A copy that no later event changes.</summary>
    public CounterSnapshot Capture() => new(Value, Receipts.Capture());

    public static CounterState Restore(CounterSnapshot snapshot) =>
        new() { Value = snapshot.Value, Receipts = ReceiptBook.Restore(snapshot.Receipts) };
}
