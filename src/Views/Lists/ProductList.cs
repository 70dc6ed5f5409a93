using System.Text;
using System.Text.Json;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Views.Lists;

/// <summary>Lists products, by when they were created.</summary>
public sealed class ProductList(ViewReads reads)
{
    /// <inheritdoc cref="OrderList.Read" />
    public async Task<ListPage<ProductDetails>> Read(
        ProductFilter filter, ListPlace? after, int limit, bool oldestFirst, ReadPoint point, CancellationToken cancellationToken)
    {
        var page = await reads.Read(
            ViewNames.Stock,
            StockView.DefinitionNumber,
            point,
            tables =>
            {
                var question = new ListQuestion("created_at, sku, body", StockView.Products(tables), "created_at", "sku");
                if (filter.Query is { } query) question.Where("search LIKE", Pattern(query), " ESCAPE '\\'");
                if (filter.Reference is { } reference) question.Where("reference =", reference);
                if (filter.Archived is { } archived) question.Where(archived ? "archived = 1" : "archived = 0");
                return question.Page(after, limit, oldestFirst);
            },
            static row => (
                Place: new ListPlace(row.GetInt64(0), row.GetString(1)),
                Item: JsonSerializer.Deserialize(row.GetString(2), StockRowJson.Default.ProductDetails)!),
            cancellationToken);
        return ListPage.Of(page, limit, static row => row.Place, static row => row.Item);
    }

    /// <summary>Anywhere in the name or the SKU.</summary>
    private static string Pattern(string query)
    {
        var pattern = new StringBuilder("%", query.Length + 2);
        foreach (var letter in query.ToUpperInvariant())
        {
            if (letter is '\\' or '%' or '_') pattern.Append('\\');
            pattern.Append(letter);
        }

        return pattern.Append('%').ToString();
    }
}

/// <summary>Which products; what is null does not matter.</summary>
/// <param name="Query">A part of the name or of the SKU, in upper or lower case.</param>
public sealed record ProductFilter(string? Query = null, string? Reference = null, bool? Archived = null);
