using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Counters;

/// <summary>A counter as its snapshot stores it; see the shape in <see cref="CounterKind"/>.</summary>
/// <param name="Shards">Null for none.</param>
/// <param name="Fences">Null for none.</param>
/// <param name="IsUntouched">True for one without shards that was never incremented: it has only seen leases. Null for any other.</param>
public sealed record CounterSnapshot(
    long Value, ReceiptBookSnapshot Receipts, int? Shards = null, SeenFence[]? Fences = null, bool? IsUntouched = null);
