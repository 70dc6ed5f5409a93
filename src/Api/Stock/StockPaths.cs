using System.Globalization;
using Holdfast.Api.Http.Requests;
using Holdfast.Api.Shop;

namespace Holdfast.Api.Stock;

internal static class StockPaths
{
    public static string Stock(string sku) => ProductOwner.Path(sku) + "/stock";

    public static string Adjustments(string sku) => ProductOwner.Path(sku) + "/adjustments";

    /// <summary>Escaped: where one line of the ledger is read.</summary>
    public static string Movement(string sku, long version) => string.Create(
        CultureInfo.InvariantCulture, $"{ProductOwner.Path(PathSegment.Escape(sku))}/movements?after={version - 1}&limit=1");
}
