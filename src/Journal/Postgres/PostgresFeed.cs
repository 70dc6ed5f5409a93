using Holdfast.Journal.Feed;
using Npgsql;
using NpgsqlTypes;
using static Holdfast.Journal.Postgres.PostgresReader;

namespace Holdfast.Journal.Postgres;

/// <summary>
/// The feed of PostgreSQL: a position is the id of the transaction that stored the append. A transaction whose id is below the oldest one
/// that still runs has ended, so nothing can appear below that any more, whoever paused or lost its answer. No timeout is guessed.
/// </summary>
/// <param name="database">The one that the journal is in.</param>
public sealed class PostgresFeed(PostgresDatabase database) : IFeed, IDisposable
{
    private readonly PostgresReader _reader = new(database);

    public async Task<string> ReadEpoch(CancellationToken cancellationToken) =>
        (await _reader.Read("SELECT epoch FROM epoch", static row => row.GetString(0), [], cancellationToken)).Single();

    public async Task<FeedPage> Read(long after, int limit, CancellationToken cancellationToken)
    {
        // One statement sees one snapshot: what is below its horizon is in it.
        var rows = await _reader.Read(
            """
            SELECT stream, feed, follows, first, last, recorded_at, events FROM (
                SELECT stream, feed, follows, first, last, recorded_at, events,
                    sum(octet_length(events)) OVER (ORDER BY feed ROWS UNBOUNDED PRECEDING) - octet_length(events) AS before
                FROM journal WHERE feed > $1 AND feed < pg_snapshot_xmin(pg_current_snapshot())
                ORDER BY feed FETCH FIRST ($2) ROWS WITH TIES) page
            WHERE before < $3
            """,
            ToFeedRow,
            [Position(after), Value((long)limit), Value((long)IFeed.MaxPageBytes)],
            cancellationToken);
        if (rows.Count == 0) return new([], after, More: false, IsAhead: after >= await ReadNext(cancellationToken));
        var isCut = rows.Sum(static row => (long)row.Row.Events.Length) >= IFeed.MaxPageBytes;
        var whole = isCut ? await EndWhole(rows, cancellationToken) : rows;

        // The server gives a transaction's rows in any order.
        var ordered = whole.OrderBy(static row => row.Position).ThenBy(static row => row.Row.FirstVersion).ToArray();
        return new(ordered, ordered[^1].Position, isCut || rows.Count >= limit, IsAhead: false);
    }

    public async Task<long> ReadNewest(CancellationToken cancellationToken) =>
        (await _reader.Read(
            "SELECT feed FROM journal WHERE feed IS NOT NULL ORDER BY feed DESC LIMIT 1",
            static row => (long)row.GetFieldValue<ulong>(0),
            [],
            cancellationToken)).SingleOrDefault();

    public async Task<long> ReadEnd(CancellationToken cancellationToken) =>
        (await _reader.Read(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())",
            static row => (long)row.GetFieldValue<ulong>(0),
            [],
            cancellationToken)).Single() - 1;

    public async Task<long> ReadPosition(IReadOnlyList<StreamVersion> versions, CancellationToken cancellationToken)
    {
        // The row that holds a version is the last one that does not begin behind it.
        var positions = await _reader.Read(
            """
            SELECT j.feed FROM unnest($1::text[], $2::bigint[]) AS v (stream, version)
            CROSS JOIN LATERAL (SELECT feed FROM journal WHERE stream = v.stream AND first <= v.version ORDER BY first DESC LIMIT 1) j
            WHERE j.feed IS NOT NULL
            """,
            static row => (long)row.GetFieldValue<ulong>(0),
            [Value(versions.Select(static at => at.Stream).ToArray()), Value(versions.Select(static at => at.Version).ToArray())],
            cancellationToken);
        return positions.Count == 0 ? 0 : positions.Max();
    }

    public async Task<FeedHorizon> ReadHorizon(CancellationToken cancellationToken)
    {
        // Prepared transactions outlive their sessions. Of other roles' sessions only members of pg_monitor see what they do.
        var holders = await _reader.Read(
            """
            SELECT extract(epoch FROM clock_timestamp() - began)::double precision, who FROM (
                SELECT xact_start AS began,
                    format('process %s (%s, %s)', pid, coalesce(nullif(application_name, ''), 'unnamed'), state) AS who
                FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
                UNION ALL
                SELECT prepared, format('prepared transaction %s', gid) FROM pg_prepared_xacts) holders
            ORDER BY began LIMIT 1
            """,
            static row => new FeedHorizon(TimeSpan.FromSeconds(Math.Max(0, row.GetDouble(0))), row.GetString(1)),
            [],
            cancellationToken);
        return holders.Count == 0 ? new(TimeSpan.Zero, null) : holders[0];
    }

    public Task<IReadOnlyList<StreamRow>> Walk(string prefix, StreamVersion after, int limit, CancellationToken cancellationToken) =>
        _reader.Read(
            """
            SELECT first, last, recorded_at, events, stream FROM (
                SELECT first, last, recorded_at, events, stream,
                    sum(octet_length(events)) OVER (ORDER BY stream, first) - octet_length(events) AS before
                FROM journal WHERE (stream, first) > ($1, $2) AND stream < $3 ORDER BY stream, first LIMIT $4) page
            WHERE before < $5 ORDER BY stream, first
            """,
            static row => new StreamRow(row.GetString(4), ToRow(row)),
            [
                Value(after.Stream is { Length: > 0 } stream ? stream : prefix),
                Value(after.Version),
                Value(IFeed.Behind(prefix)),
                Value(limit),
                Value(IFeed.MaxPageBytes),
            ],
            cancellationToken);

    public async Task<string> Renew(CancellationToken cancellationToken)
    {
        try
        {
            // The ids in the column are those of another server, or of a time that did not come: the column goes, and an empty one comes.
            await using var connection = await database.Journal.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            const string Renewal =
                """
                SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0;
                ALTER TABLE journal DROP COLUMN feed;
                ALTER TABLE journal ADD COLUMN feed xid8;
                CREATE INDEX journal_feed ON journal (feed) WHERE feed IS NOT NULL;
                UPDATE epoch SET epoch = replace(gen_random_uuid()::text, '-', '');
                """;
            await using var renew = new NpgsqlCommand(Renewal, connection, transaction);
            renew.CommandTimeout = 0;
            await renew.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (Exception failure) when (PostgresFailure.IsStoreFailure(failure) && !cancellationToken.IsCancellationRequested)
        {
            throw new JournalStoreException($"The epoch of {database.Name} cannot be renewed: {failure.Message}", failure);
        }

        return await ReadEpoch(cancellationToken);
    }

    public void Dispose() => _reader.Dispose();

    /// <summary>A page that had to end may have ended within its last transaction, which is for the next page then.</summary>
    private async Task<IReadOnlyList<FeedRow>> EndWhole(IReadOnlyList<FeedRow> rows, CancellationToken cancellationToken)
    {
        var last = rows.Max(static row => row.Position);
        var before = rows.Where(row => row.Position < last).ToArray();
        if (before.Length > 0) return before;
        return await _reader.Read(
            "SELECT stream, feed, follows, first, last, recorded_at, events FROM journal WHERE feed = $1",
            ToFeedRow,
            [Position(last)],
            cancellationToken);
    }

    /// <summary>The position that is given next.</summary>
    private async Task<long> ReadNext(CancellationToken cancellationToken) =>
        (await _reader.Read(
            "SELECT pg_snapshot_xmax(pg_current_snapshot())",
            static row => (long)row.GetFieldValue<ulong>(0),
            [],
            cancellationToken)).Single();

    private static FeedRow ToFeedRow(NpgsqlDataReader row) =>
        new(row.GetString(0), (long)row.GetFieldValue<ulong>(1), row.GetInt64(2), ToRow(row, 3));

    private static NpgsqlParameter<ulong> Position(long position) =>
        new() { TypedValue = (ulong)position, NpgsqlDbType = NpgsqlDbType.Xid8 };
}
