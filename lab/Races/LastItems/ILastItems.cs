using Holdfast.Bench.Measuring;

namespace Holdfast.Lab.Races.LastItems;

/// <summary>Sells single units of items.</summary>
internal interface ILastItems : IStrategy
{
    Task Stock(string sku, long units);

    /// <summary>One unit for one buyer; refused when there is none left.</summary>
    ValueTask<Answer> Buy(string sku, Client buyer);

    /// <summary>The truth: units that are left, as they are stored.</summary>
    Task<long> Left(string sku);
}
