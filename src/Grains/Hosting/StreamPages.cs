using Holdfast.Journal;

namespace Holdfast.Grains.Hosting;

/// <summary>Reads what the rows of a stream say, page by page. On any thread.</summary>
/// <typeparam name="T">What is read: one line of what happened.</typeparam>
/// <param name="lines">Those of a row, oldest first; an event need not be one.</param>
/// <param name="versionOf">The version of the event that a line tells of.</param>
internal sealed class StreamPages<T>(
    OwnerServices services, string stream, Func<JournalRow, IEnumerable<T>> lines, Func<T, long> versionOf)
{
    /// <summary>Events that one page may read: most of a busy product's are holds, which are no lines.</summary>
    private const int EventsPerPage = 50_000;

    /// <summary>Rows of the journal read at a time.</summary>
    private const int RowsPerRead = 64;

    /// <summary>Oldest first.</summary>
    /// <param name="after">The version that they come behind.</param>
    /// <param name="until">Rows that were recorded then or later are none of it any more; null for all.</param>
    /// <returns>
    /// The lines, and the version behind which the next page begins; null at the end. There can be fewer, even none, and a next.
    /// </returns>
    public async Task<(T[] Lines, long? Next)> Oldest(long after, int limit, DateTimeOffset? until = null)
    {
        var page = new List<T>();
        for (var read = 0L; read < EventsPerPage;)
        {
            var from = after;
            var rows = await services.ReadStore(store => store.ReadForward(stream, from, RowsPerRead, CancellationToken.None));
            foreach (var row in rows)
            {
                if (row.RecordedAt >= until) return ([.. page], null);
                foreach (var line in lines(row).Where(line => versionOf(line) > after))
                {
                    if (page.Count == limit) return ([.. page], versionOf(page[^1]));
                    page.Add(line);
                }

                (read, after) = (read + row.LastVersion - row.FirstVersion + 1, row.LastVersion);
            }

            if (rows.Count < RowsPerRead) return ([.. page], null);
        }

        return ([.. page], after);
    }

    /// <summary>Newest first.</summary>
    /// <param name="before">The version that they come behind; 0 for none.</param>
    /// <param name="since">Rows that were recorded earlier are none of it any more; null for all.</param>
    /// <returns>As for <see cref="Oldest"/>.</returns>
    public async Task<(T[] Lines, long? Next)> Newest(long before, int limit, DateTimeOffset? since = null)
    {
        var page = new List<T>();
        if (before == 0) before = long.MaxValue;
        for (var read = 0L; read < EventsPerPage;)
        {
            var from = before;
            var rows = await services.ReadStore(store => store.ReadBackward(stream, from, RowsPerRead, CancellationToken.None));
            foreach (var row in rows)
            {
                if (row.RecordedAt < since) return ([.. page], null);
                foreach (var line in lines(row).Where(line => versionOf(line) < from).Reverse())
                {
                    if (page.Count == limit) return ([.. page], versionOf(page[^1]));
                    page.Add(line);
                }

                (read, before) = (read + row.LastVersion - row.FirstVersion + 1, row.FirstVersion);
            }

            if (rows is [] or [.., { FirstVersion: 1 }]) return ([.. page], null);
        }

        return ([.. page], before);
    }
}
