using System.Text.Json;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Views.Lists;

/// <summary>Lists what changed the stock of all products, by when it did.</summary>
public sealed class MovementList(ViewReads reads)
{
    /// <inheritdoc cref="OrderList.Read" />
    public async Task<ListPage<ProductMovement>> Read(
        MovementListFilter filter, ListPlace? after, int limit, bool oldestFirst, ReadPoint point, CancellationToken cancellationToken)
    {
        var page = await reads.Read(
            ViewNames.Stock,
            StockView.DefinitionNumber,
            point,
            tables =>
            {
                var question = new ListQuestion("at, sku, version, body", StockView.Movements(tables), "at", "sku", "version");
                if (filter.Kind is { } kind) question.Where("kind =", kind);
                if (filter.Reference is { } reference) question.Where("reference =", reference);
                if (filter.From is { } from) question.Where("at >=", from.ToUnixTimeMilliseconds());
                if (filter.To is { } to) question.Where("at <", to.ToUnixTimeMilliseconds());
                return question.Page(after, limit, oldestFirst);
            },
            static row => (
                Place: new ListPlace(row.GetInt64(0), row.GetString(1), row.GetInt64(2)),
                Item: new ProductMovement(
                    row.GetString(1), JsonSerializer.Deserialize(row.GetString(3), StockRowJson.Default.Movement)!)),
            cancellationToken);
        return ListPage.Of(page, limit, static row => row.Place, static row => row.Item);
    }
}

/// <summary>A movement, and of what.</summary>
public sealed record ProductMovement(string Sku, Movement Movement);

/// <summary>Which movements; what is null does not matter.</summary>
/// <param name="From">Then, or later.</param>
/// <param name="To">Before then.</param>
public sealed record MovementListFilter(
    string? Kind = null, string? Reference = null, DateTimeOffset? From = null, DateTimeOffset? To = null);
