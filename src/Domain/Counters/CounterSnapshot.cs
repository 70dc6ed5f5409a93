using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Counters;

/// <summary>A counter as its snapshot stores it; see the shape in <see cref="CounterKind"/>.</summary>
public sealed record CounterSnapshot(long Value, ReceiptBookSnapshot Receipts);
