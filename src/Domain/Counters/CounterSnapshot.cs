using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Counters;

/// <summary>A counter as its snapshot stores it; see the shape in <see cref="CounterKind"/>.</summary>
/// <param name="Shards">Null for none. One without has been incremented: nobody takes a snapshot of what has no events.</param>
public sealed record CounterSnapshot(long Value, ReceiptBookSnapshot Receipts, int? Shards = null);
