using Holdfast.Domain.Orders;
using Holdfast.Journal;
using Holdfast.Views.Store;

namespace Holdfast.Views;

/// <summary>Every order, as its owner shows it.</summary>
/// <param name="journal">An order's row is made of its whole history, of which the feed may show the end only.</param>
internal sealed class OrdersView(IJournalStore journal) : IView
{
    public const int DefinitionNumber = 3;

    /// <summary>Orders that are remembered as they are, so that their histories need not be read again: those that move now.</summary>
    private const int MaxRemembered = 8_192;

    /// <summary>Larger ones are not remembered: their histories are read again.</summary>
    private const int MaxRememberedLines = 64;

    /// <summary>Rows of a history read at once.</summary>
    private const int HistoryRows = 256;

    private readonly Dictionary<string, OrderState> _remembered = [];

    public string Name => ViewNames.Orders;

    public string Prefix => $"{OrderKind.Instance.Name}/";

    public int Definition => DefinitionNumber;

    public bool HealsItself => true;

    public IReadOnlyList<string> TablesOf(ViewTables tables) => [Orders(tables), Skus(tables)];

    /// <inheritdoc />
    /// <remarks>An order's key begins with the time at which it was placed, so that new ones are written one behind the other.</remarks>
    public IReadOnlyList<string> Create(ViewTables tables, ViewStore store) =>
    [
        $"""
        CREATE TABLE {Orders(tables)} (
            placed_at bigint NOT NULL,
            id        {store.Text} NOT NULL,
            status    {store.Text} NOT NULL,
            customer  {store.Text},
            reference {store.Text},
            attention bigint NOT NULL,
            version   bigint NOT NULL,
            body      {store.Text} NOT NULL,
            PRIMARY KEY (placed_at, id)){store.ByKey}
        """,
        $"CREATE INDEX {Orders(tables)}_by_customer ON {Orders(tables)} (customer, placed_at, id)",
        $"CREATE INDEX {Orders(tables)}_by_reference ON {Orders(tables)} (reference, placed_at, id) WHERE reference IS NOT NULL",
        $"CREATE INDEX {Orders(tables)}_by_status ON {Orders(tables)} (status, placed_at, id)",
        $"CREATE INDEX {Orders(tables)}_by_attention ON {Orders(tables)} (placed_at, id) WHERE attention = 1",
        $"""
        CREATE TABLE {Skus(tables)} (
            sku       {store.Text} NOT NULL,
            placed_at bigint NOT NULL,
            id        {store.Text} NOT NULL,
            PRIMARY KEY (sku, placed_at, id)){store.ByKey}
        """,
    ];

    public bool Publishes(JournalRow row) => true;

    public void Forget() => _remembered.Clear();

    public async Task<ViewChange> Apply(
        IReadOnlyList<StreamChange> changes, ViewTables tables, ViewStore store, CancellationToken cancellationToken)
    {
        if (_remembered.Count + changes.Count > MaxRemembered) _remembered.Clear();
        var rows = new OrderRows(tables);
        var erased = false;
        foreach (var change in changes)
        {
            var known = Known(change);
            var descriptions = known?.Descriptions;
            var state = await StateAfter(change, known, cancellationToken);
            if (state.PlacedAt == default) continue;
            erased |= state.ErasedAt is not null;

            // Of an erased one only the tombstone may have been seen, behind rows that say nothing.
            if (known is null || change.Before == 0 || state.ErasedAt is not null) rows.Insert(state);
            else if (state.Descriptions != descriptions) rows.Replace(state);
            else rows.Move(state);
        }

        return new(rows.All, erased);
    }

    /// <summary>The order as it was before the change; null when that is not remembered.</summary>
    private OrderState? Known(StreamChange change)
    {
        var isRemembered = _remembered.Remove(change.Stream, out var known);
        if (change.Before == 0 && change.Rows[0].FirstVersion == 1) return OrderKind.Instance.NewState(change.Key);
        return isRemembered && known!.Version == change.Before ? known : null;
    }

    /// <summary>The order as it is after the change, whatever the view knew of it before.</summary>
    private async Task<OrderState> StateAfter(StreamChange change, OrderState? known, CancellationToken cancellationToken)
    {
        var state = known ?? OrderKind.Instance.NewState(change.Key);
        if (known is not null)
        {
            foreach (var row in change.Rows) Replay(state, row);
        }
        else
        {
            var version = 0L;
            for (var more = true; more;)
            {
                var rows = await journal.ReadForward(change.Stream, version, HistoryRows, cancellationToken);
                foreach (var row in rows.Where(row => row.LastVersion <= change.After)) Replay(state, row);
                more = rows.Count == HistoryRows && rows[^1].LastVersion < change.After;
                if (rows.Count > 0) version = rows[^1].LastVersion;
            }
        }

        if (!state.Ended && state.Lines.Length <= MaxRememberedLines) _remembered[change.Stream] = state;
        return state;
    }

    private static void Replay(OrderState state, JournalRow row) =>
        OrderKind.Instance.Replay(state, row.Events.Span, row.FirstVersion, row.RecordedAt);

    internal static string Orders(ViewTables tables) => tables.Named("orders");

    internal static string Skus(ViewTables tables) => tables.Named("skus");
}
