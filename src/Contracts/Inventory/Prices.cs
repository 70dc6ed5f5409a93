namespace Holdfast.Contracts.Inventory;

/// <summary>A price that begins and ends. It holds from <paramref name="From"/> on, and at <paramref name="To"/> no more.</summary>
/// <param name="To">Null for one that does not end.</param>
[GenerateSerializer, Immutable, Alias("holdfast.PricePeriod")]
public sealed record PricePeriod(
    [property: Id(0)] Money UnitPrice, [property: Id(1)] DateTimeOffset From, [property: Id(2)] DateTimeOffset? To);

/// <summary>What one unit costs at a moment.</summary>
/// <param name="At">That moment, by the product's own time.</param>
/// <param name="Until">When another price begins or this one ends, as far as is known; null for never.</param>
[GenerateSerializer, Immutable, Alias("holdfast.CurrentPrice")]
public sealed record CurrentPrice(
    [property: Id(0)] Money UnitPrice, [property: Id(1)] DateTimeOffset At, [property: Id(2)] DateTimeOffset? Until);

/// <summary>What a product costs, now and later.</summary>
/// <param name="UnitPrice">That of the details: it holds outside of all periods.</param>
/// <param name="Prices">Those that hold now or will: sorted, without overlap, in one currency.</param>
/// <param name="Version">Of the last change of <paramref name="Prices"/>; 0 when there was none.</param>
[GenerateSerializer, Immutable, Alias("holdfast.ProductPrices")]
public sealed record ProductPrices(
    [property: Id(0)] string Sku,
    [property: Id(1)] Money UnitPrice,
    [property: Id(2)] CurrentPrice Now,
    [property: Id(3)] PricePeriod[] Prices,
    [property: Id(4)] long Version);

/// <summary>A period that a schedule is to have.</summary>
/// <param name="From">Null for now: the price that holds then goes on, if it is the same.</param>
/// <param name="To">Null for one that does not end.</param>
[GenerateSerializer, Immutable, Alias("holdfast.AskedPrice")]
public sealed record AskedPrice(
    [property: Id(0)] Money UnitPrice, [property: Id(1)] DateTimeOffset? From, [property: Id(2)] DateTimeOffset? To);

/// <summary>Replaces all that is still to come of a product's periods, the rest of the running one included; the past stays.</summary>
/// <param name="Prices">Up to <see cref="Limits.Prices"/>, sorted, without overlap. Only the first may have no beginning.</param>
/// <param name="IfVersion">Only when the prices have this version.</param>
/// <param name="IfAbsent">Only when no other period runs or is to come.</param>
[GenerateSerializer, Immutable, Alias("holdfast.PutPrices")]
public sealed record PutPrices(
    [property: Id(0)] Operation Operation,
    [property: Id(1)] AskedPrice[] Prices,
    [property: Id(2)] long? IfVersion,
    [property: Id(3)] bool IfAbsent);

public enum PutPricesStatus
{
    Put = 0,
    UnknownProduct = 1,

    /// <summary>The prices have another version, or are there although they should not.</summary>
    VersionMismatch = 2,

    /// <summary>A product is sold in one currency.</summary>
    OtherCurrency = 3,

    /// <summary>It would change what was the price.</summary>
    Past = 4,
    KeyReused = 5,
}

/// <param name="Prices">As they are now; null when there is no product.</param>
/// <param name="Replayed">They were put by an earlier call with the same operation id.</param>
/// <param name="Place">With a refused period: which, from 0.</param>
[GenerateSerializer, Immutable, Alias("holdfast.PutPricesOutcome")]
public sealed record PutPricesOutcome(
    [property: Id(0)] PutPricesStatus Status,
    [property: Id(1)] ProductPrices? Prices = null,
    [property: Id(2)] bool Replayed = false,
    [property: Id(3)] int Place = 0);
