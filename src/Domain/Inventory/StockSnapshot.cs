using Holdfast.Contracts.Inventory;
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
    ReceiptBookSnapshot Receipts)
{
    public string? Reference { get; init; }

    public Dictionary<string, string>? Metadata { get; init; }

    /// <summary>Null when it is not.</summary>
    public bool? Archived { get; init; }

    /// <summary>Null for none.</summary>
    public SourceSnapshot[]? Sources { get; init; }

    /// <summary>Null for none.</summary>
    public SeenFence[]? Fences { get; init; }

    /// <summary>Null for none.</summary>
    public ScheduledPrice[]? Prices { get; init; }

    /// <summary>Null when none were ever put.</summary>
    public long? PricesVersion { get; init; }

    /// <summary>Unix milliseconds; null in a snapshot from before it was kept.</summary>
    public long? CreatedAt { get; init; }

    /// <summary>As <see cref="CreatedAt"/>.</summary>
    public long? UpdatedAt { get; init; }
}

/// <param name="CreatedAt">Unix milliseconds; null in a snapshot from before it was kept.</param>
/// <param name="Text">Null for neither.</param>
public sealed record HoldSnapshot(
    Guid Id,
    long Quantity,
    long ExpiresAt,
    ulong Fingerprint,
    long Amount,
    string Currency,
    long? CreatedAt = null,
    HoldText? Text = null)
{
    public static HoldSnapshot Of(Guid id, Hold hold) => new(
        id,
        hold.Quantity,
        hold.ExpiresAt,
        hold.Fingerprint,
        hold.UnitPrice.Amount,
        hold.UnitPrice.Currency,
        hold.CreatedAt == 0 ? null : hold.CreatedAt,
        hold.Text);

    public Hold ToHold() => new(Quantity, ExpiresAt, Fingerprint, new(Amount, Currency), CreatedAt ?? 0, Text);
}
