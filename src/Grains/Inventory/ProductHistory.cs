using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Inventory;
using Holdfast.Domain.Owner;
using Holdfast.Grains.Hosting;

namespace Holdfast.Grains.Inventory;

/// <summary>Looks into what the journal has of one product. On any thread.</summary>
internal sealed class ProductHistory(OwnerServices services, string stream)
{
    /// <summary>Events that one page of movements may read: holds leave events that are no movements.</summary>
    private const int EventsPerPage = 50_000;

    /// <summary>Rows of the journal read at a time.</summary>
    private const int RowsPerRead = 64;

    /// <summary>How far a product's own times may be from those of an order: clocks differ, and a step that was given up may act late.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(5);

    /// <summary>What changed the number on hand, oldest first.</summary>
    public async Task<MovementPage> ReadMovements(long after, int limit)
    {
        var movements = new List<Movement>();
        for (var read = 0; read < EventsPerPage;)
        {
            var from = after;
            var rows = await services.ReadStore(store => store.ReadForward(stream, from, RowsPerRead, CancellationToken.None));
            foreach (var row in rows)
            {
                foreach (var movement in StockLedger.MovementsOf(row.Events, row.FirstVersion, row.RecordedAt).Where(movement => movement.Version > after))
                {
                    if (movements.Count == limit) return new(true, [.. movements], movements[^1].Version);
                    movements.Add(movement);
                }

                (read, after) = (read + (int)(row.LastVersion - row.FirstVersion + 1), row.LastVersion);
            }

            if (rows.Count < RowsPerRead) return new(true, [.. movements], null);
        }

        return new(true, [.. movements], after);
    }

    /// <summary>The same, newest first.</summary>
    /// <param name="behind">The version that they come behind; 0 for none.</param>
    public async Task<MovementPage> ReadNewestMovements(long behind, int limit)
    {
        var movements = new List<Movement>();
        var before = behind == 0 ? long.MaxValue : behind;
        for (var read = 0; read < EventsPerPage;)
        {
            var from = before;
            var rows = await services.ReadStore(store => store.ReadBackward(stream, from, RowsPerRead, CancellationToken.None));
            foreach (var row in rows)
            {
                var upTo = before;
                var lines = StockLedger.MovementsOf(row.Events, row.FirstVersion, row.RecordedAt)
                    .Where(movement => movement.Version < upTo)
                    .Reverse();
                foreach (var movement in lines)
                {
                    if (movements.Count == limit) return new(true, [.. movements], movements[^1].Version);
                    movements.Add(movement);
                }

                (read, before) = (read + (int)(row.LastVersion - row.FirstVersion + 1), row.FirstVersion);
            }

            if (rows is [] or [.., { FirstVersion: 1 }]) return new(true, [.. movements], null);
        }

        return new(true, [.. movements], before);
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
