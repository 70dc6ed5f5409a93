using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Inventory;

/// <summary>A product as its snapshot stores it; see the shape in <see cref="StockKind"/>.</summary>
public sealed record StockSnapshot(
    string? Name,
    long Amount,
    string Currency,
    long DetailsVersion,
    long OnHand,
    long StockVersion,
    long Version,
    HoldSnapshot[] Holds,
    ReceiptBookSnapshot Receipts);

public sealed record HoldSnapshot(Guid Id, long Quantity, long ExpiresAt, ulong Fingerprint, long Amount, string Currency);
