using Holdfast.Journal.Feed;

namespace Holdfast.Journal.Sqlite;

/// <summary>The feed of SQLite: there is one writer, so the order of the rows is that of the commits.</summary>
public sealed class SqliteFeed(SqliteJournalStore store) : IFeed
{
    public async Task<string> ReadEpoch(CancellationToken cancellationToken) =>
        await store.Readers().Read(
            static database => database.Prepare("SELECT epoch FROM epoch").Rows(static row => row.Text(0)).Single(), cancellationToken);

    public async Task<FeedPage> Read(long after, int limit, CancellationToken cancellationToken) =>
        await store.Readers().Read(database => ReadPage(database, after, limit), cancellationToken);

    public async Task<long> ReadNewest(CancellationToken cancellationToken) => await store.Readers().Read(Newest, cancellationToken);

    public Task<long> ReadEnd(CancellationToken cancellationToken) => ReadNewest(cancellationToken);

    public async Task<long> ReadPosition(IReadOnlyList<StreamVersion> versions, CancellationToken cancellationToken) =>
        await store.Readers().Read(
            database =>
            {
                var question = database.Prepare(
                    """
                    SELECT coalesce(position, 0) FROM journal WHERE stream = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1
                    """);
                var position = 0L;
                foreach (var (stream, version) in versions)
                {
                    var found = question.Bind(1, stream).Bind(2, version).Rows(static row => row.Integer(0)).SingleOrDefault();
                    position = Math.Max(position, found);
                }

                return position;
            },
            cancellationToken);

    /// <inheritdoc />
    /// <remarks>There is one writer: what is committed is shown.</remarks>
    public Task<FeedHorizon> ReadHorizon(CancellationToken cancellationToken) => Task.FromResult(new FeedHorizon(TimeSpan.Zero, null));

    public async Task<IReadOnlyList<StreamRow>> Walk(string prefix, StreamVersion after, int limit, CancellationToken cancellationToken) =>
        await store.Readers().Read(
            database =>
            {
                var bytes = 0;
                return database.Prepare(
                    """
                    SELECT first, last, recorded_at, events, stream FROM journal
                    WHERE (stream, first) > (?1, ?2) AND stream < ?3 ORDER BY stream, first LIMIT ?4
                    """)
                    .Bind(1, after.Stream is { Length: > 0 } stream ? stream : prefix).Bind(2, after.Version)
                    .Bind(3, IFeed.Behind(prefix)).Bind(4, limit)
                    .Rows(
                        static row => new StreamRow(row.Text(4), SqliteJournalStore.ToRow(row)),
                        found => (bytes += found.Row.Events.Length) < IFeed.MaxPageBytes);
            },
            cancellationToken);

    public Task<string> Renew(CancellationToken cancellationToken) =>
        Task.Run(() => store.Write(static writer => writer.Renew()), cancellationToken);

    /// <summary>
    /// Finds what there is first, and then the appends: each lies somewhere else. In one transaction, so that pages of the file are read
    /// once for all of them.
    /// </summary>
    private static FeedPage ReadPage(SqliteDatabase database, long after, int limit)
    {
        database.Execute("BEGIN");
        var newest = Newest(database);
        var found = database.Prepare("SELECT position, stream, first, follows FROM feed WHERE position > ?1 ORDER BY position LIMIT ?2")
            .Bind(1, after).Bind(2, limit)
            .Rows(static row => new Place(row.Integer(0), row.Text(1), row.Integer(2), row.Integer(3)));
        var append = database.Prepare("SELECT first, last, recorded_at, events FROM journal WHERE stream = ?1 AND first = ?2");
        var rows = new List<FeedRow>(found.Count);
        var (through, bytes, places) = (after, 0, 0);
        while (places < found.Count && bytes < IFeed.MaxPageBytes)
        {
            (through, var stream, var first, var follows) = found[places++];
            foreach (var row in append.Bind(1, stream).Bind(2, first).Rows(SqliteJournalStore.ToRow))
            {
                bytes += row.Events.Length;
                rows.Add(new(stream, through, follows, row));
            }
        }

        database.Execute("COMMIT");
        return new(rows, through, places < found.Count || found.Count == limit, IsAhead: after > newest);
    }

    /// <summary>The highest position that was ever given, whether its row is still there or not.</summary>
    private static long Newest(SqliteDatabase database) =>
        database.Prepare("SELECT seq FROM sqlite_sequence WHERE name = 'feed'").Rows(static row => row.Integer(0)).SingleOrDefault();

    private readonly record struct Place(long Position, string Stream, long First, long Follows);
}
