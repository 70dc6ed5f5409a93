using Holdfast.Contracts.Inventory;

namespace Holdfast.Bench.Plain;

/// <summary>
/// A product as one would write it first: two numbers, and nothing that would recognise a repeat. Less than Holdfast does, so
/// that the comparison is not in Holdfast's favour. Key: the SKU.
/// </summary>
[Alias("bench.IPlainStock")]
internal interface IPlainStock : IGrainWithStringKey
{
    /// <summary>Loads it, and gives it its stock the first time.</summary>
    [Alias("Open")]
    ValueTask Open(long onHand);

    [Alias("Reserve")]
    ValueTask<ReserveOutcome> Reserve(ReserveStock command);

    /// <summary>Turns held units into sold ones.</summary>
    [Alias("Sell")]
    ValueTask Sell(long quantity);
}

/// <summary>Written to the database in each call.</summary>
[Alias("bench.IStoredStock")]
internal interface IStoredStock : IPlainStock;

/// <summary>Stored nowhere: what grain calls alone cost here.</summary>
[Alias("bench.IMemoryStock")]
internal interface IMemoryStock : IPlainStock;
