using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Journal;
using Holdfast.Views.Store;

namespace Holdfast.Views;

/// <summary>Every order, as its owner shows it.</summary>
/// <param name="journal">An order's row is made of its whole history, of which the feed may show the end only.</param>
internal sealed class OrdersView(IJournalStore journal) : IView
{
    public const int DefinitionNumber = 1;

    /// <summary>Orders that are remembered as they are, so that their histories need not be read again: those that move now.</summary>
    private const int MaxRemembered = 8_192;

    /// <summary>Rows of a history read at once.</summary>
    private const int HistoryRows = 256;

    private readonly Dictionary<string, (long Version, OrderState State)> _remembered = [];

    public string Name => ViewNames.Orders;

    public string Prefix => $"{OrderKind.Instance.Name}/";

    public int Definition => DefinitionNumber;

    public IReadOnlyList<string> TablesOf(ViewTables tables) => [Orders(tables), Skus(tables)];

    public IReadOnlyList<string> Create(ViewTables tables, string text) =>
    [
        $"""
        CREATE TABLE {Orders(tables)} (
            id        {text} NOT NULL PRIMARY KEY,
            placed_at bigint NOT NULL,
            status    {text} NOT NULL,
            customer  {text},
            reference {text},
            attention bigint NOT NULL,
            body      {text} NOT NULL)
        """,
        $"CREATE INDEX {Orders(tables)}_by_time ON {Orders(tables)} (placed_at, id)",
        $"CREATE INDEX {Orders(tables)}_by_customer ON {Orders(tables)} (customer, placed_at, id)",
        $"CREATE INDEX {Orders(tables)}_by_reference ON {Orders(tables)} (reference, placed_at, id) WHERE reference IS NOT NULL",
        $"CREATE INDEX {Orders(tables)}_by_status ON {Orders(tables)} (status, placed_at, id)",
        $"CREATE INDEX {Orders(tables)}_by_attention ON {Orders(tables)} (placed_at, id) WHERE attention = 1",
        $"""
        CREATE TABLE {Skus(tables)} (
            sku       {text} NOT NULL,
            placed_at bigint NOT NULL,
            id        {text} NOT NULL,
            PRIMARY KEY (sku, placed_at, id))
        """,
    ];

    public bool Publishes(JournalRow row) => true;

    public async Task<ViewChange> Apply(
        IReadOnlyList<StreamChange> changes, ViewTables tables, ViewStore store, CancellationToken cancellationToken)
    {
        if (_remembered.Count + changes.Count > MaxRemembered) _remembered.Clear();
        var statements = new List<ViewStatement>(changes.Count * 2);
        var erased = false;
        foreach (var change in changes)
        {
            var state = await StateAfter(change, cancellationToken);
            if (state.Version == 0) continue;
            erased |= state.ErasedAt is not null;

            // Of an erased one only the tombstone may have been seen, behind rows that say nothing.
            Write(state, change.Before == 0 || state.ErasedAt is not null, tables, statements);
        }

        return new(statements, erased);
    }

    /// <summary>The order as it is after the change, whatever the view knew of it before.</summary>
    private async Task<OrderState> StateAfter(StreamChange change, CancellationToken cancellationToken)
    {
        if (!_remembered.Remove(change.Stream, out var known) || known.Version != change.Before)
        {
            known = (0, OrderKind.Instance.NewState(change.Key));
        }

        var (version, state) = known;
        if (version == change.Before)
        {
            foreach (var row in change.Rows) Replay(state, row);
        }
        else
        {
            for (var more = true; more;)
            {
                var rows = await journal.ReadForward(change.Stream, version, HistoryRows, cancellationToken);
                foreach (var row in rows.Where(row => row.LastVersion <= change.After)) Replay(state, row);
                more = rows.Count == HistoryRows && rows[^1].LastVersion < change.After;
                if (rows.Count > 0) version = rows[^1].LastVersion;
            }
        }

        if (!state.View().Ended) _remembered[change.Stream] = (change.After, state);
        return state;
    }

    private static void Replay(OrderState state, JournalRow row) =>
        OrderKind.Instance.Replay(state, row.Events.Span, row.FirstVersion, row.RecordedAt);

    /// <param name="isNew">Its products are not written yet; they never change.</param>
    private static void Write(OrderState state, bool isNew, ViewTables tables, List<ViewStatement> statements)
    {
        var order = state.View();
        var placedAt = order.PlacedAt.ToUnixTimeMilliseconds();
        statements.Add(new(
            $"""
            INSERT INTO {Orders(tables)} (id, placed_at, status, customer, reference, attention, body) VALUES (@a, @b, @c, @d, @e, @f, @g)
            ON CONFLICT (id) DO UPDATE SET
                status = excluded.status, customer = excluded.customer, reference = excluded.reference,
                attention = excluded.attention, body = excluded.body
            """,
            state.PublicId,
            placedAt,
            $"{order.Status}",
            order.CustomerId,
            order.Reference,
            state.NeedsAttention ? 1L : 0L,
            JsonSerializer.Serialize(order, OrderRowJson.Default.Order)));
        if (!isNew) return;
        foreach (var sku in order.Lines.Select(static line => line.Sku).Distinct(StringComparer.Ordinal))
        {
            statements.Add(new(
                $"INSERT INTO {Skus(tables)} (sku, placed_at, id) VALUES (@a, @b, @c) ON CONFLICT (sku, placed_at, id) DO NOTHING",
                sku,
                placedAt,
                state.PublicId));
        }
    }

    internal static string Orders(ViewTables tables) => tables.Named("orders");

    internal static string Skus(ViewTables tables) => tables.Named("skus");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Order))]
internal sealed partial class OrderRowJson : JsonSerializerContext;
