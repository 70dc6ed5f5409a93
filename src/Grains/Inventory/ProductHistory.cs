using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Inventory;
using Holdfast.Domain.Owner;
using Holdfast.Grains.Hosting;
using Holdfast.Journal;

namespace Holdfast.Grains.Inventory;

/// <summary>Looks into what the journal has of one product. On any thread.</summary>
internal sealed class ProductHistory(OwnerServices services, string stream)
{
    /// <summary>Rows of the journal read at a time.</summary>
    private const int RowsPerRead = 64;

    /// <summary>As many at first, of those behind a mark.</summary>
    private const int RowsBehindMark = 2;

    /// <summary>How far a product's own times may be from those of an order: clocks differ, and a step that was given up may act late.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(5);

    /// <summary>What changed the number on hand. Where a span of time begins is looked up; what it holds is read page by page.</summary>
    /// <param name="after">The version that they come behind, in their order; 0 for the first page.</param>
    /// <param name="version">Of the last event.</param>
    public async Task<MovementPage> ReadMovements(long after, int limit, bool newestFirst, MovementFilter filter, long version)
    {
        var pages = new StreamPages<Movement>(services, stream, row => Movements(row, filter.Kind), static line => line.Version);
        if (after == 0 && newestFirst && filter.To is { } to) after = await LastVersionBefore(to, version) + 1;
        if (after == 0 && !newestFirst && filter.From is { } from) after = await LastVersionBefore(from, version);
        var (movements, next) = newestFirst
            ? await pages.Newest(after, limit, filter.From)
            : await pages.Oldest(after, limit, filter.To);
        return new(true, movements, next);
    }

    /// <summary>
    /// What was on hand after the last append that was recorded by then and says so; null when there is none between the mark and the next.
    /// </summary>
    /// <param name="mark">The first version of an append that is marked; 1 for the beginning.</param>
    public async Task<long?> OnHandAt(long mark, DateTimeOffset at)
    {
        var rows = new List<JournalRow>();
        for (var count = RowsBehindMark; ; count *= 2)
        {
            // Few at first: what was appended together can be long, and then the next one is marked, too.
            var (after, limit) = (rows is [.., var newest] ? newest.LastVersion : mark - 1, count);
            var more = await services.ReadStore(store => store.ReadForward(stream, after, limit, CancellationToken.None));
            rows.AddRange(more);
            if (more.Count < limit || more[^1].RecordedAt > at || EndsBehind(rows, mark)) return OnHandAt(rows, mark, at);
        }
    }

    /// <inheritdoc cref="OnHandAt(long, DateTimeOffset)" />
    /// <param name="rows">The appends behind the mark, from it on.</param>
    internal static long? OnHandAt(IReadOnlyList<JournalRow> rows, long mark, DateTimeOffset at)
    {
        long? onHand = null;
        var marked = Marked(rows, mark);
        foreach (var row in rows.TakeWhile(row => row.RecordedAt <= at && !StockLedger.IsMarked(marked, row.LastVersion)))
        {
            onHand = StockLedger.OnHandAfter(row.Events) ?? onHand;
        }

        return onHand;
    }

    /// <summary>What became of a reservation, or null when it is not there.</summary>
    /// <param name="version">Of the last event.</param>
    /// <param name="within">Where to look, oldest first.</param>
    /// <remarks>Page by page, and only where it can be: a busy product's whole history would take longer than a statement may.</remarks>
    public async Task<Receipt?> Find(Guid id, long version, TimeRange[] within)
    {
        Receipt? found = null;
        var (text, after) = (id.ToString(), 0L);
        foreach (var range in within)
        {
            var (from, through) = (range.From - Least(range.From - DateTimeOffset.MinValue), range.Through + Least(DateTimeOffset.MaxValue - range.Through));
            after = Math.Max(after, await LastVersionBefore(from, version));
            for (var more = true; more;)
            {
                var since = after;
                var page = await services.ReadStore(store => store.Search(stream, text, since, RowsPerRead, CancellationToken.None));
                found = page.Found.Aggregate(found, (known, row) => StockLedger.After(known, id, row.Events, row.RecordedAt));
                (after, more) = (page.Through, page.Through > since && page.RecordedAt <= through);
            }
        }

        return found;
    }

    /// <summary>The rows go on to the next one that can be marked.</summary>
    private static bool EndsBehind(List<JournalRow> rows, long mark) => StockLedger.IsMarked(Marked(rows, mark), rows[^1].LastVersion);

    private static long Marked(IReadOnlyList<JournalRow> rows, long mark) => mark > 1 && rows is [var marked, ..] ? marked.LastVersion : 0;

    private static IEnumerable<Movement> Movements(JournalRow row, string? kind)
    {
        var movements = StockLedger.MovementsOf(row.Events, row.FirstVersion, row.RecordedAt);
        return kind is null ? movements : movements.Where(line => line.Kind == kind);
    }

    private static TimeSpan Least(TimeSpan room) => room < Slack ? room : Slack;

    /// <summary>The last version that was recorded before the moment. Time in a stream never goes back, so halving finds it.</summary>
    private async Task<long> LastVersionBefore(DateTimeOffset moment, long version)
    {
        var (low, high) = (0L, version);
        while (low < high)
        {
            var middle = low + ((high - low + 1) / 2);
            var rows = await services.ReadStore(store => store.ReadBackward(stream, middle + 1, 1, CancellationToken.None));
            if (rows is not [var row] || row.RecordedAt < moment) low = rows is [var before] ? Math.Max(middle, before.LastVersion) : middle;
            else high = row.FirstVersion - 1;
        }

        return low;
    }
}
