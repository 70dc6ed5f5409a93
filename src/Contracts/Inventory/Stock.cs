namespace Holdfast.Contracts.Inventory;

/// <summary>Units of one SKU.</summary>
/// <param name="OnHand">Physically there.</param>
/// <param name="Reserved">Held, unexpired.</param>
/// <param name="Version">Changes with everything that changes what is on hand, sales included; not with holds.</param>
[GenerateSerializer, Immutable, Alias("holdfast.StockLevel")]
public sealed record StockLevel(
    [property: Id(0)] string Sku, [property: Id(1)] long OnHand, [property: Id(2)] long Reserved, [property: Id(3)] long Version)
{
    public long Available => OnHand - Reserved;
}

/// <param name="Delta">Units, not zero.</param>
/// <param name="Reason">Why: received, damaged, returned, counted …</param>
/// <param name="Reference">The document it follows from.</param>
[GenerateSerializer, Immutable, Alias("holdfast.AdjustStock")]
public sealed record AdjustStock(
    [property: Id(0)] Operation Operation,
    [property: Id(1)] long Delta,
    [property: Id(2)] string Reason,
    [property: Id(3)] string? Reference)
{
    /// <summary>Since when it has been so: a correction of what was true earlier. Null: from now on.</summary>
    [Id(4)]
    public DateTimeOffset? EffectiveAt { get; init; }

    /// <summary>The number that its source gave it; null for what has none.</summary>
    [Id(5)]
    public SourceNumber? Number { get; init; }

    /// <summary>Units that the source counted; there is no delta then, and there is a number.</summary>
    [Id(6)]
    public long? Count { get; init; }
}

/// <summary>One of the numbers under which a source tells what happened to a product: its first message is 1, each next one more.</summary>
/// <param name="Source">Who tells it: a warehouse, a till.</param>
/// <param name="Sequence">1 to <see cref="Limits.WholeNumber"/>.</param>
[GenerateSerializer, Immutable, Alias("holdfast.SourceNumber")]
public sealed record SourceNumber([property: Id(0)] string Source, [property: Id(1)] long Sequence);

public enum AdjustStatus
{
    Adjusted = 0,
    UnknownProduct = 1,

    /// <summary>On hand would fall below what is reserved.</summary>
    BelowReserved = 2,

    /// <summary>On hand would pass <see cref="Limits.Quantity"/>.</summary>
    AboveLimit = 3,
    KeyReused = 4,

    /// <summary>The source has counted since, so it is in what it counted: it is recorded, and changes nothing.</summary>
    Superseded = 5,

    /// <summary>The number is below those that are remembered of its source.</summary>
    NumberTooOld = 6,

    /// <summary>The source has said something else under this number.</summary>
    NumberReused = 7,

    /// <summary>Another source, and <see cref="Limits.Sources"/> are remembered already.</summary>
    TooManySources = 8,

    /// <summary>It says since when, and that is still to come.</summary>
    EffectiveLater = 9,

    /// <summary>It says since when, and that is longer ago than <see cref="Limits.Correction"/>.</summary>
    EffectiveTooEarly = 10,
}

/// <param name="OnHand">After the adjustment; on a refusal, as it is now.</param>
/// <param name="Reserved">On a refusal, as it is now.</param>
/// <param name="Version">The movement's place in the ledger; of a number that was used, that of its movement.</param>
/// <param name="At">When it was recorded; of a time that is refused, the bound that it passes.</param>
/// <param name="Oldest">Of a number that is too old: the oldest one that is not.</param>
[GenerateSerializer, Immutable, Alias("holdfast.AdjustOutcome")]
public sealed record AdjustOutcome(
    [property: Id(0)] AdjustStatus Status,
    [property: Id(1)] long OnHand = 0,
    [property: Id(2)] long Reserved = 0,
    [property: Id(3)] long Version = 0,
    [property: Id(4)] DateTimeOffset At = default,
    [property: Id(5)] bool Replayed = false,
    [property: Id(6)] long Oldest = 0);

/// <param name="IfVersion">The version of the stock that the counter saw; null sets unconditionally.</param>
/// <param name="Reason">Why it was counted.</param>
/// <param name="Reference">The document it follows from.</param>
[GenerateSerializer, Immutable, Alias("holdfast.SetStock")]
public sealed record SetStock(
    [property: Id(0)] Operation Operation,
    [property: Id(1)] long OnHand,
    [property: Id(2)] long? IfVersion,
    [property: Id(3)] string? Reason = null,
    [property: Id(4)] string? Reference = null);

public enum SetStockStatus
{
    Set = 0,
    UnknownProduct = 1,
    VersionMismatch = 2,
    BelowReserved = 3,
    KeyReused = 4,
}

/// <param name="Stock">As it is now; null when the product does not exist.</param>
/// <param name="Replayed">It was set by an earlier call with the same operation id.</param>
[GenerateSerializer, Immutable, Alias("holdfast.SetStockOutcome")]
public sealed record SetStockOutcome(
    [property: Id(0)] SetStockStatus Status, [property: Id(1)] StockLevel? Stock, [property: Id(2)] bool Replayed = false);
