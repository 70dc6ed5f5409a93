using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Inventory;
using Holdfast.Journal;
using Holdfast.Views.Store;

namespace Holdfast.Views;

/// <summary>What changed the stock of all products, one row a movement. Rows never change.</summary>
internal sealed class MovementsView : IView
{
    public const int DefinitionNumber = 1;

    public string Name => ViewNames.Movements;

    public string Prefix => $"{StockKind.Instance.Name}/";

    public int Definition => DefinitionNumber;

    public IReadOnlyList<string> TablesOf(ViewTables tables) => [Movements(tables)];

    public IReadOnlyList<string> Create(ViewTables tables, string text) =>
    [
        $"""
        CREATE TABLE {Movements(tables)} (
            sku       {text} NOT NULL,
            version   bigint NOT NULL,
            at        bigint NOT NULL,
            kind      {text} NOT NULL,
            reference {text},
            body      {text} NOT NULL,
            PRIMARY KEY (sku, version))
        """,
        $"CREATE INDEX {Movements(tables)}_by_time ON {Movements(tables)} (at, sku, version)",
        $"CREATE INDEX {Movements(tables)}_by_kind ON {Movements(tables)} (kind, at, sku, version)",
        $"CREATE INDEX {Movements(tables)}_by_reference ON {Movements(tables)} (reference, at, sku, version) WHERE reference IS NOT NULL",
    ];

    public bool Publishes(JournalRow row) => ProductsView.IsPublished(row);

    public Task<ViewChange> Apply(
        IReadOnlyList<StreamChange> changes, ViewTables tables, ViewStore store, CancellationToken cancellationToken)
    {
        var insert =
            $"""
            INSERT INTO {Movements(tables)} (sku, version, at, kind, reference, body) VALUES (@a, @b, @c, @d, @e, @f)
            ON CONFLICT (sku, version) DO NOTHING
            """;
        var statements = new List<ViewStatement>();
        foreach (var change in changes)
        {
            var movements = change.Rows.SelectMany(static row => StockLedger.MovementsOf(row.Events, row.FirstVersion, row.RecordedAt));
            foreach (var movement in movements)
            {
                statements.Add(new(
                    insert,
                    change.Key,
                    movement.Version,
                    movement.At.ToUnixTimeMilliseconds(),
                    movement.Kind,
                    movement.Reference,
                    JsonSerializer.Serialize(movement, MovementRowJson.Default.Movement)));
            }
        }

        return Task.FromResult(new ViewChange(statements));
    }

    internal static string Movements(ViewTables tables) => tables.Named("movements");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Movement))]
internal sealed partial class MovementRowJson : JsonSerializerContext;
