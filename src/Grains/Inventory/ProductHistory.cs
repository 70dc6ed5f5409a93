using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Inventory;
using Holdfast.Domain.Owner;
using Holdfast.Grains.Hosting;

namespace Holdfast.Grains.Inventory;

/// <summary>Looks into what the journal has of one product. On any thread.</summary>
internal sealed class ProductHistory(OwnerServices services, string stream)
{
    /// <summary>Rows of the journal read at a time.</summary>
    private const int RowsPerRead = 64;

    /// <summary>How far a product's own times may be from those of an order: clocks differ, and a step that was given up may act late.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(5);

    private readonly StreamPages<Movement> _movements = new(
        services, stream, static row => StockLedger.MovementsOf(row.Events, row.FirstVersion, row.RecordedAt), static line => line.Version);

    /// <summary>What changed the number on hand.</summary>
    /// <param name="after">The version that they come behind, in their order; 0 for the first page.</param>
    public async Task<MovementPage> ReadMovements(long after, int limit, bool newestFirst)
    {
        var (movements, next) = newestFirst ? await _movements.Newest(after, limit) : await _movements.Oldest(after, limit);
        return new(true, movements, next);
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
