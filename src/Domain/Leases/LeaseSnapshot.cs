using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Leases;

/// <summary>A lease as its snapshot stores it; see the shape in <see cref="LeaseKind"/>.</summary>
/// <param name="Holder">Of the newest term; null when there was none.</param>
/// <param name="ExpiresAt">Unix milliseconds; null when the newest term is over.</param>
public sealed record LeaseSnapshot(long Number, string? Holder, long? ExpiresAt, ReceiptBookSnapshot Receipts);
