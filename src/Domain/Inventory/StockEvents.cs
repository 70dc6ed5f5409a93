using System.Text.Json.Serialization;

namespace Holdfast.Domain.Inventory;

/// <summary>Everything that can happen to a product. The names and members are stored: a test pins them.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(DetailsPut), "product.put")]
[JsonDerivedType(typeof(Adjusted), "stock.adjusted")]
[JsonDerivedType(typeof(Counted), "stock.set")]
[JsonDerivedType(typeof(Reserved), "stock.reserved")]
[JsonDerivedType(typeof(Committed), "stock.committed")]
[JsonDerivedType(typeof(Released), "stock.released")]
[JsonDerivedType(typeof(Returned), "stock.returned")]
[JsonDerivedType(typeof(Expired), "stock.expired")]
[JsonDerivedType(typeof(ReceiptsMoved), "receipts.moved")]
public abstract record StockEvent
{
    public sealed record DetailsPut(Guid Operation, ulong Fingerprint, string Name, long Amount, string Currency) : StockEvent;

    /// <param name="OnHand">After the adjustment.</param>
    public sealed record Adjusted(Guid Operation, ulong Fingerprint, long Delta, long OnHand, string Reason, string? Reference) : StockEvent;

    /// <param name="Delta">What the count changed.</param>
    /// <param name="OnHand">What was counted.</param>
    /// <param name="Reason">Null in what was stored before there was one.</param>
    public sealed record Counted(
        Guid Operation, ulong Fingerprint, long Delta, long OnHand, string? Reason = null, string? Reference = null) : StockEvent;

    /// <param name="Id">The reservation, which is the operation.</param>
    /// <param name="ExpiresAt">Unix milliseconds.</param>
    public sealed record Reserved(Guid Id, ulong Fingerprint, long Quantity, long ExpiresAt, long Amount, string Currency) : StockEvent;

    /// <param name="OnHand">After the sale.</param>
    /// <param name="Late">The hold that had expired, when the units came from free stock.</param>
    public sealed record Committed(Guid Id, long Quantity, long OnHand, EndedHold? Late = null) : StockEvent;

    /// <summary>A hold given back; or, for an id that was never reserved, the tombstone that refuses a late reserve.</summary>
    /// <param name="Late">The hold that had expired, when it was one.</param>
    public sealed record Released(Guid Id, EndedHold? Late = null) : StockEvent;

    /// <summary>A committed reservation undone: its units are on hand again.</summary>
    public sealed record Returned(Guid Id, long Quantity, long OnHand, EndedHold Hold) : StockEvent;

    /// <summary>Every open hold that expires at or before <paramref name="Through"/> (Unix milliseconds) is over.</summary>
    public sealed record Expired(long Through) : StockEvent;

    public sealed record ReceiptsMoved(int Count) : StockEvent;
}

/// <summary>What a hold was. Carried by events that concern one which may have left the receipts, so that a replay needs no look-up.</summary>
/// <param name="ExpiresAt">Unix milliseconds.</param>
public sealed record EndedHold(ulong Fingerprint, long Quantity, long ExpiresAt);
