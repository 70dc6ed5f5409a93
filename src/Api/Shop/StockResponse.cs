using Holdfast.Contracts.Inventory;

namespace Holdfast.Api.Shop;

/// <summary>Units of one SKU.</summary>
/// <param name="OnHand">Physically there.</param>
/// <param name="Reserved">Held for buyers.</param>
/// <param name="Available">On hand minus reserved.</param>
/// <param name="Version">It changes with everything that changes what is on hand, sales included; not with holds.</param>
public sealed record StockResponse(string Sku, long OnHand, long Reserved, long Available, long Version)
{
    internal static StockResponse From(StockLevel stock) => new(stock.Sku, stock.OnHand, stock.Reserved, stock.Available, stock.Version);
}
