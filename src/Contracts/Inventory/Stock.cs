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
    [property: Id(3)] string? Reference);

public enum AdjustStatus
{
    Adjusted = 0,
    UnknownProduct = 1,

    /// <summary>On hand would fall below what is reserved.</summary>
    BelowReserved = 2,

    /// <summary>On hand would pass <see cref="Limits.Quantity"/>.</summary>
    AboveLimit = 3,
    KeyReused = 4,
}

/// <param name="OnHand">After the adjustment; on a refusal, as it is now.</param>
/// <param name="Reserved">On a refusal, as it is now.</param>
/// <param name="Version">The stock's version, and the movement's place in the ledger.</param>
[GenerateSerializer, Immutable, Alias("holdfast.AdjustOutcome")]
public sealed record AdjustOutcome(
    [property: Id(0)] AdjustStatus Status,
    [property: Id(1)] long OnHand = 0,
    [property: Id(2)] long Reserved = 0,
    [property: Id(3)] long Version = 0,
    [property: Id(4)] DateTimeOffset At = default,
    [property: Id(5)] bool Replayed = false);

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
