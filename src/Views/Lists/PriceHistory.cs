using System.Text.Json;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Inventory;

namespace Holdfast.Views.Lists;

/// <summary>What a product cost, and was to cost, as it was known at some time.</summary>
public sealed class PriceHistory(ViewReads reads)
{
    /// <param name="knownAt">What was recorded by then counts, and what was over by then is left out.</param>
    /// <returns>Null when there was no such product then.</returns>
    /// <exception cref="ViewBehindException">The prices do not come so far in time, or are being made.</exception>
    /// <exception cref="ViewUnavailableException">The database cannot be read.</exception>
    public async Task<ProductPrices?> Read(
        string sku, DateTimeOffset knownAt, ReadPoint point, CancellationToken cancellationToken)
    {
        var page = await reads.Read(
            ViewNames.Stock,
            StockView.DefinitionNumber,
            point,
            tables => new(
                $"SELECT body FROM {StockView.Prices(tables)} WHERE sku = @a AND at <= @b ORDER BY at DESC, version DESC LIMIT 1",
                sku,
                knownAt.ToUnixTimeMilliseconds()),
            static row => JsonSerializer.Deserialize(row.GetString(0), StockRowJson.Default.ProductPrices)!,
            cancellationToken);
        return page.Rows is [var said]
            ? PriceSchedule.View(sku, said.UnitPrice, PriceSchedule.Of(said), knownAt, said.Version)
            : null;
    }
}
