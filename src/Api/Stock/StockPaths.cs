using System.Globalization;
using Holdfast.Api.Http.Requests;
using Holdfast.Api.Shop;

namespace Holdfast.Api.Stock;

internal static class StockPaths
{
    public const string Bulk = "/v1/adjustments";

    public static string Stock(string sku) => ProductOwner.Path(sku) + "/stock";

    public static string Adjustments(string sku) => ProductOwner.Path(sku) + "/adjustments";

    public static string Movements(string sku) => ProductOwner.Path(sku) + "/movements";

    /// <summary>Escaped: where one line of the ledger is read.</summary>
    public static string Movement(string sku, long version) => string.Create(
        CultureInfo.InvariantCulture, $"{Movements(PathSegment.Escape(sku))}/{version}");
}
