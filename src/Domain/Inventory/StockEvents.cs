using System.Text.Json.Serialization;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Domain.Inventory;

/// <summary>Everything that can happen to a product. The names and members are stored: a test pins them.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(DetailsPut), "product.put")]
[JsonDerivedType(typeof(PricesPut), "prices.put")]
[JsonDerivedType(typeof(Adjusted), "stock.adjusted")]
[JsonDerivedType(typeof(Counted), "stock.set")]
[JsonDerivedType(typeof(Superseded), "stock.superseded")]
[JsonDerivedType(typeof(Reserved), "stock.reserved")]
[JsonDerivedType(typeof(Extended), "stock.extended")]
[JsonDerivedType(typeof(Committed), "stock.committed")]
[JsonDerivedType(typeof(Released), "stock.released")]
[JsonDerivedType(typeof(Returned), "stock.returned")]
[JsonDerivedType(typeof(Expired), "stock.expired")]
[JsonDerivedType(typeof(FenceSeen), "fence.seen")]
[JsonDerivedType(typeof(ReceiptsMoved), "receipts.moved")]
public abstract record StockEvent
{
    public sealed record DetailsPut(Guid Operation, ulong Fingerprint, string Name, long Amount, string Currency) : StockEvent
    {
        /// <summary>
        /// Units, as they are: whoever looks for them from the middle of the history need not go back. Null in rows from before it was
        /// said.
        /// </summary>
        public long? OnHand { get; init; }

        /// <summary>The shop's own number or name for it.</summary>
        public string? Reference { get; init; }

        /// <summary>Null for none.</summary>
        public Dictionary<string, string>? Metadata { get; init; }

        /// <summary>It is not for sale any more; null when it is.</summary>
        public bool? Archived { get; init; }
    }

    /// <summary>From now on these periods, and no others. What is over is over: nothing of it is said again.</summary>
    /// <param name="Currency">The product's own.</param>
    /// <param name="Prices">Sorted, without overlap; empty for none. The first may have begun before.</param>
    public sealed record PricesPut(Guid Operation, ulong Fingerprint, string Currency, ScheduledPrice[] Prices) : StockEvent
    {
        /// <inheritdoc cref="DetailsPut.OnHand" />
        public long? OnHand { get; init; }
    }

    /// <param name="OnHand">After the adjustment.</param>
    public sealed record Adjusted(Guid Operation, ulong Fingerprint, long Delta, long OnHand, string Reason, string? Reference) : StockEvent
    {
        /// <summary>Unix milliseconds since when it has been so; null when that is when it was recorded.</summary>
        public long? EffectiveAt { get; init; }

        /// <summary>Who has numbered it; null for nobody.</summary>
        public string? Source { get; init; }

        /// <summary>Not null when there is a source.</summary>
        public long? Sequence { get; init; }
    }

    /// <param name="Delta">What the count changed.</param>
    /// <param name="OnHand">After the count: what was counted, with what its source has told already of the time after it.</param>
    /// <param name="Reason">Null in what was stored before there was one.</param>
    public sealed record Counted(
        Guid Operation, ulong Fingerprint, long Delta, long OnHand, string? Reason = null, string? Reference = null) : StockEvent
    {
        /// <inheritdoc cref="Adjusted.Source" />
        public string? Source { get; init; }

        /// <inheritdoc cref="Adjusted.Sequence" />
        public long? Sequence { get; init; }

        /// <summary>What was counted; null when nobody has numbered it: then it is what is on hand.</summary>
        public long? Count { get; init; }
    }

    /// <summary>What a source has told of the time before its last count, too late: it changes nothing.</summary>
    /// <param name="Delta">Null when it was a count.</param>
    /// <param name="Count">What was counted; null when it was a delta.</param>
    /// <param name="OnHand">As it is.</param>
    public sealed record Superseded(
        Guid Operation,
        ulong Fingerprint,
        string Source,
        long Sequence,
        long? Delta,
        long? Count,
        long OnHand,
        string Reason,
        string? Reference) : StockEvent
    {
        /// <inheritdoc cref="Adjusted.EffectiveAt" />
        public long? EffectiveAt { get; init; }
    }

    /// <param name="Id">The reservation, which is the operation.</param>
    /// <param name="ExpiresAt">Unix milliseconds.</param>
    public sealed record Reserved(Guid Id, ulong Fingerprint, long Quantity, long ExpiresAt, long Amount, string Currency) : StockEvent
    {
        /// <summary>For whom, and what the shop calls it; null for neither.</summary>
        public HoldText? Text { get; init; }
    }

    /// <param name="ExpiresAt">Unix milliseconds; never earlier than before.</param>
    public sealed record Extended(Guid Id, long ExpiresAt) : StockEvent
    {
        /// <summary>The request that asked for it, when that had a key.</summary>
        public VerbKey? By { get; init; }
    }

    /// <param name="Quantity">Units that were sold. When more were held, the rest is free again.</param>
    /// <param name="OnHand">After the sale.</param>
    /// <param name="Late">The hold that had expired, when the units came from free stock.</param>
    public sealed record Committed(Guid Id, long Quantity, long OnHand, EndedHold? Late = null) : StockEvent
    {
        /// <inheritdoc cref="Extended.By" />
        public VerbKey? By { get; init; }
    }

    /// <summary>A hold given back; or, for an id that was never reserved, the tombstone that refuses a late reserve.</summary>
    /// <param name="Late">The hold that had expired, when it was one.</param>
    public sealed record Released(Guid Id, EndedHold? Late = null) : StockEvent
    {
        /// <inheritdoc cref="Extended.By" />
        public VerbKey? By { get; init; }
    }

    /// <summary>A committed reservation undone: its units are on hand again.</summary>
    public sealed record Returned(Guid Id, long Quantity, long OnHand, EndedHold Hold) : StockEvent;

    /// <summary>Every open hold that expires at or before <paramref name="Through"/> (Unix milliseconds) is over.</summary>
    public sealed record Expired(long Through) : StockEvent;

    /// <summary>Something was asked under a later term of a lease than before.</summary>
    public sealed record FenceSeen(string Name, long Number) : StockEvent;

    public sealed record ReceiptsMoved(int Count) : StockEvent;
}

/// <summary>What a hold was. Carried by events that concern one which may have left the receipts, so that a replay needs no look-up.</summary>
/// <param name="ExpiresAt">Unix milliseconds.</param>
public sealed record EndedHold(ulong Fingerprint, long Quantity, long ExpiresAt);

/// <summary>The key under which something was asked of a reservation, with what else was said.</summary>
/// <param name="Operation">Made from the request's key.</param>
public sealed record VerbKey(Guid Operation, ulong Fingerprint);
