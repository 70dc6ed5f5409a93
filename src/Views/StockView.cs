using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Inventory;
using Holdfast.Journal;
using Holdfast.Views.Store;

namespace Holdfast.Views;

/// <summary>
/// What the shop shows of each product, and what changed the stock of all of them, one row a movement. Not what is on hand: that the
/// owners say.
/// </summary>
internal sealed class StockView : IView
{
    public const int DefinitionNumber = 2;

    public string Name => ViewNames.Stock;

    public string Prefix => $"{StockKind.Instance.Name}/";

    public int Definition => DefinitionNumber;

    public bool HealsItself => false;

    public IReadOnlyList<string> TablesOf(ViewTables tables) =>
        [Products(tables), Prices(tables), Movements(tables), Marks(tables), Corrections.Table(tables)];

    /// <inheritdoc />
    /// <remarks>A movement's key begins with its time, so that movements are written one behind the other.</remarks>
    public IReadOnlyList<string> Create(ViewTables tables, ViewStore store) =>
    [
        $"""
        CREATE TABLE {Products(tables)} (
            sku        {store.Text} NOT NULL PRIMARY KEY,
            created_at bigint NOT NULL,
            archived   bigint NOT NULL,
            reference  {store.Text},
            search     {store.Text} NOT NULL,
            body       {store.Text} NOT NULL)
        """,
        $"CREATE INDEX {Products(tables)}_by_time ON {Products(tables)} (created_at, sku)",
        $"CREATE INDEX {Products(tables)}_by_reference ON {Products(tables)} (reference, created_at, sku) WHERE reference IS NOT NULL",
        $"""
        CREATE TABLE {Prices(tables)} (
            sku     {store.Text} NOT NULL,
            at      bigint NOT NULL,
            version bigint NOT NULL,
            body    {store.Text} NOT NULL,
            PRIMARY KEY (sku, at, version)){store.ByKey}
        """,
        $"""
        CREATE TABLE {Movements(tables)} (
            at        bigint NOT NULL,
            sku       {store.Text} NOT NULL,
            version   bigint NOT NULL,
            kind      {store.Text} NOT NULL,
            reference {store.Text},
            body      {store.Text} NOT NULL,
            PRIMARY KEY (at, sku, version)){store.ByKey}
        """,
        $"CREATE INDEX {Movements(tables)}_by_kind ON {Movements(tables)} (kind, at, sku, version)",
        $"CREATE INDEX {Movements(tables)}_by_reference ON {Movements(tables)} (reference, at, sku, version) WHERE reference IS NOT NULL",
        $"""
        CREATE TABLE {Marks(tables)} (
            sku     {store.Text} NOT NULL,
            at      bigint NOT NULL,
            version bigint NOT NULL,
            PRIMARY KEY (sku, at, version)){store.ByKey}
        """,
        Corrections.Create(tables, store),
    ];

    /// <summary>What holds come and go is not.</summary>
    public bool Publishes(JournalRow row) => StockLedger.IsPublished(row.Events);

    public void Forget()
    {
    }

    public async Task<ViewChange> Apply(
        IReadOnlyList<StreamChange> changes, ViewTables tables, ViewStore store, CancellationToken cancellationToken) =>
    new([
        await ProductRows(changes, tables, store, cancellationToken),
        await PriceRows(changes, tables, store, cancellationToken),
        MovementRows(changes, tables),
        MarkRows(changes, tables),
        await Corrections.Rows(changes, tables, store, cancellationToken),
    ]);

    internal static string Products(ViewTables tables) => tables.Named("products");

    /// <summary>What a product cost and was to cost, each time that somebody said so.</summary>
    internal static string Prices(ViewTables tables) => tables.Named("prices");

    /// <summary>
    /// Where in a product's history a time is found: one append of so many versions, and not each of them, which would be written at random
    /// places all over the table. See <see cref="StockLedger.VersionsPerMark"/>.
    /// </summary>
    internal static string Marks(ViewTables tables) => tables.Named("marks");

    internal static string Movements(ViewTables tables) => tables.Named("movements");

    /// <summary>What is searched: without regard to upper and lower case.</summary>
    internal static string SearchText(ProductDetails details) => $"{details.Sku}\n{details.Name}".ToUpperInvariant();

    private static ViewRows MovementRows(IReadOnlyList<StreamChange> changes, ViewTables tables)
    {
        var rows = new ViewRows(Movements(tables), ["at", "sku", "version", "kind", "reference", "body"], 3);
        foreach (var change in changes)
        {
            var movements = change.Rows.SelectMany(static row => StockLedger.MovementsOf(row.Events, row.FirstVersion, row.RecordedAt));
            foreach (var movement in movements)
            {
                rows.Add(
                    movement.At.ToUnixTimeMilliseconds(),
                    change.Key,
                    movement.Version,
                    movement.Kind,
                    movement.Reference,
                    JsonSerializer.Serialize(movement, StockRowJson.Default.Movement));
            }
        }

        return rows;
    }

    private static ViewRows MarkRows(IReadOnlyList<StreamChange> changes, ViewTables tables)
    {
        var rows = new ViewRows(Marks(tables), ["sku", "at", "version"], 3);
        foreach (var change in changes)
        {
            var before = change.Before;
            foreach (var row in change.Rows)
            {
                if (StockLedger.IsMarked(before, row.LastVersion))
                    rows.Add(change.Key, row.RecordedAt.ToUnixTimeMilliseconds(), row.FirstVersion);
                before = row.LastVersion;
            }
        }

        return rows;
    }

    private static async Task<ViewRows> ProductRows(
        IReadOnlyList<StreamChange> changes, ViewTables tables, ViewStore store, CancellationToken cancellationToken)
    {
        var rows = new ViewRows(
            Products(tables),
            ["sku", "created_at", "archived", "reference", "search", "body"],
            1,
            "archived", "reference", "search", "body");

        // Most changes are sales, which change nothing here.
        var changed = changes.Where(static change => change.Rows.Any(static row => StockLedger.ChangesDetails(row.Events))).ToArray();
        if (changed.Length == 0) return rows;
        var known = await store.Read(
            store.Among($"SELECT sku, body FROM {Products(tables)} WHERE sku", changed.Select(static change => change.Key)),
            static row => (Sku: row.GetString(0), Body: row.GetString(1)),
            cancellationToken);
        var bySku = known.ToDictionary(static row => row.Sku, StringComparer.Ordinal);
        foreach (var change in changed)
        {
            var isKnown = bySku.TryGetValue(change.Key, out var before);
            var details = isKnown ? JsonSerializer.Deserialize(before.Body, StockRowJson.Default.ProductDetails) : null;
            foreach (var row in change.Rows)
            {
                details = StockLedger.DetailsAfter(details, change.Key, row.Events, row.FirstVersion, row.RecordedAt);
            }

            if (details is not null) Write(details, rows);
        }

        return rows;
    }

    private static async Task<ViewRows> PriceRows(
        IReadOnlyList<StreamChange> changes, ViewTables tables, ViewStore store, CancellationToken cancellationToken)
    {
        var rows = new ViewRows(Prices(tables), ["sku", "at", "version", "body"], 3);
        var changed = changes.Where(static change => change.Rows.Any(static row => StockLedger.ChangesPrices(row.Events))).ToArray();
        if (changed.Length == 0) return rows;
        var newest = $"SELECT body FROM {Prices(tables)} WHERE sku = value ORDER BY at DESC, version DESC LIMIT 1";
        var known = await store.Read(
            new ViewStatement($"SELECT value, ({newest}) FROM {store.Each}", store.Texts(changed.Select(static change => change.Key))),
            static row => (Sku: row.GetString(0), Body: row.IsDBNull(1) ? null : row.GetString(1)),
            cancellationToken);
        var bySku = known.ToDictionary(static row => row.Sku, static row => row.Body, StringComparer.Ordinal);
        foreach (var change in changed)
        {
            var prices = bySku[change.Key] is { } body ? JsonSerializer.Deserialize(body, StockRowJson.Default.ProductPrices) : null;
            foreach (var row in change.Rows.Where(static row => StockLedger.ChangesPrices(row.Events)))
            {
                prices = StockLedger.PricesAfter(prices, change.Key, row.Events, row.FirstVersion, row.RecordedAt);
                rows.Add(
                    change.Key,
                    row.RecordedAt.ToUnixTimeMilliseconds(),
                    row.LastVersion,
                    JsonSerializer.Serialize(prices!, StockRowJson.Default.ProductPrices));
            }
        }

        return rows;
    }

    private static void Write(ProductDetails details, ViewRows rows) => rows.Add(
        details.Sku,
        details.CreatedAt!.Value.ToUnixTimeMilliseconds(),
        details.Archived ? 1L : 0L,
        details.Reference,
        SearchText(details),
        JsonSerializer.Serialize(details, StockRowJson.Default.ProductDetails));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProductDetails))]
[JsonSerializable(typeof(Movement))]
[JsonSerializable(typeof(ProductPrices))]
internal sealed partial class StockRowJson : JsonSerializerContext;
