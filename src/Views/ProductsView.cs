using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Inventory;
using Holdfast.Journal;
using Holdfast.Views.Store;

namespace Holdfast.Views;

/// <summary>What the shop shows of each product. Not what is on hand: that the owners say.</summary>
internal sealed class ProductsView : IView
{
    public const int DefinitionNumber = 1;

    public string Name => ViewNames.Products;

    public string Prefix => $"{StockKind.Instance.Name}/";

    public int Definition => DefinitionNumber;

    public IReadOnlyList<string> TablesOf(ViewTables tables) => [Products(tables)];

    public IReadOnlyList<string> Create(ViewTables tables, string text) =>
    [
        $"""
        CREATE TABLE {Products(tables)} (
            sku        {text} NOT NULL PRIMARY KEY,
            created_at bigint NOT NULL,
            archived   bigint NOT NULL,
            reference  {text},
            search     {text} NOT NULL,
            body       {text} NOT NULL)
        """,
        $"CREATE INDEX {Products(tables)}_by_time ON {Products(tables)} (created_at, sku)",
        $"CREATE INDEX {Products(tables)}_by_reference ON {Products(tables)} (reference, created_at, sku) WHERE reference IS NOT NULL",
    ];

    public bool Publishes(JournalRow row) => IsPublished(row);

    public async Task<ViewChange> Apply(
        IReadOnlyList<StreamChange> changes, ViewTables tables, ViewStore store, CancellationToken cancellationToken)
    {
        // Most changes are sales, which change nothing here.
        var changed = changes.Where(static change => change.Rows.Any(static row => StockLedger.ChangesDetails(row.Events))).ToArray();
        if (changed.Length == 0) return new([]);
        var known = await store.Read(
            ViewStatement.OfEach(
                $"SELECT sku, body FROM {Products(tables)} WHERE sku IN", [.. changed.Select(static change => change.Key)]),
            static row => (Sku: row.GetString(0), Body: row.GetString(1)),
            cancellationToken);
        var bySku = known.ToDictionary(static row => row.Sku, StringComparer.Ordinal);
        var statements = new List<ViewStatement>(changed.Length);
        foreach (var change in changed)
        {
            var isKnown = bySku.TryGetValue(change.Key, out var before);
            var details = isKnown ? JsonSerializer.Deserialize(before.Body, ProductRowJson.Default.ProductDetails) : null;
            foreach (var row in change.Rows)
            {
                details = StockLedger.DetailsAfter(details, change.Key, row.Events, row.FirstVersion, row.RecordedAt);
            }

            if (details is not null) statements.Add(Write(details, tables));
        }

        return new(statements);
    }

    /// <summary>What holds come and go is not.</summary>
    internal static bool IsPublished(JournalRow row) => StockLedger.IsPublished(row.Events);

    internal static string Products(ViewTables tables) => tables.Named("products");

    private static ViewStatement Write(ProductDetails details, ViewTables tables) => new(
        $"""
        INSERT INTO {Products(tables)} (sku, created_at, archived, reference, search, body) VALUES (@a, @b, @c, @d, @e, @f)
        ON CONFLICT (sku) DO UPDATE SET
            archived = excluded.archived, reference = excluded.reference, search = excluded.search, body = excluded.body
        """,
        details.Sku,
        details.CreatedAt!.Value.ToUnixTimeMilliseconds(),
        details.Archived ? 1L : 0L,
        details.Reference,
        SearchText(details),
        JsonSerializer.Serialize(details, ProductRowJson.Default.ProductDetails));

    /// <summary>What is searched: without regard to upper and lower case.</summary>
    internal static string SearchText(ProductDetails details) => $"{details.Sku}\n{details.Name}".ToUpperInvariant();
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProductDetails))]
internal sealed partial class ProductRowJson : JsonSerializerContext;
