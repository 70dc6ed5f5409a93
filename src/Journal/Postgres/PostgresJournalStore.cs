using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Npgsql;
using static Holdfast.Journal.Postgres.PostgresReader;

namespace Holdfast.Journal.Postgres;

/// <summary>The journal in one PostgreSQL database that all silos share. What keeps them apart is the version check of each append.</summary>
public sealed partial class PostgresJournalStore : IJournalStore
{
    /// <summary>How often a commit that lost to another transaction is tried whole before it is tried in parts.</summary>
    private const int ContentionTries = 3;

    /// <summary>How long parts of one commit go on being tried; what is left then is refused. A lock on a whole table fails them all.</summary>
    private static readonly TimeSpan PartsPatience = TimeSpan.FromSeconds(15);

    private readonly PostgresDatabase _database;
    private readonly PostgresJournalOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<PostgresJournalStore> _logger;
    private readonly RepeatedFailures _failures;
    private readonly PostgresReader _reader;
    private readonly PostgresGroupReads _groups;

    public PostgresJournalStore(PostgresDatabase database, PostgresJournalOptions options, TimeProvider clock, ILogger<PostgresJournalStore> logger)
    {
        (_database, _options, _clock, _logger) = (database, options, clock, logger);
        (_failures, _reader) = (new(clock), new(database));
        _groups = new(_reader);
    }

    public int Writers => _options.Writers;

    public Task Initialize(CancellationToken cancellationToken) => PostgresSchema.Upgrade(_database, cancellationToken);

    public async Task<int> ReadSchemaVersion(CancellationToken cancellationToken) =>
        (await _reader.Read("SELECT coalesce(max(version), 0) FROM schema_version", static row => row.GetInt32(0), [], cancellationToken)).Single();

    /// <inheritdoc />
    /// <remarks>Runs on the caller's thread and has ended when it returns.</remarks>
    public ValueTask<CommitResult> Commit(IReadOnlyList<Append> appends, IReadOnlyList<OutboxChange> changes, CommitWatch? watch = null)
    {
        var statuses = new AppendStatus[appends.Count];
        var (committed, error, unwritable) = Commit(appends, changes, statuses, new(ContentionTries, Stopwatch.GetTimestamp(), watch ?? new()));
        return new(new CommitResult(statuses, committed, error, unwritable));
    }

    public async Task ProveWritable(CancellationToken cancellationToken)
    {
        try
        {
            // Never committed: what the server would refuse, it refuses before.
            await using var connection = await _database.Journal.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var command = new NpgsqlCommand(PostgresCommit.Proof, connection, transaction);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception failure) when (PostgresFailure.IsStoreFailure(failure) && !cancellationToken.IsCancellationRequested)
        {
            throw new JournalStoreException($"{_database.Name} cannot be written: {failure.Message}", failure);
        }
    }

    public Task<long> ReadVersion(string stream, CancellationToken cancellationToken) => _groups.Versions.Ask(stream, cancellationToken);

    public Task<IReadOnlyList<JournalRow>> ReadBackward(string stream, long before, int limit, CancellationToken cancellationToken) =>
        _groups.Pages.Ask(new(stream, before, limit), cancellationToken);

    public Task<IReadOnlyList<JournalRow>> ReadForward(string stream, long after, int limit, CancellationToken cancellationToken) =>
        _reader.Read(
            """
            SELECT first, last, recorded_at, events FROM journal
            WHERE stream = $1 AND last > $2 AND first >= coalesce(
                (SELECT first FROM journal WHERE stream = $1 AND first <= $2 ORDER BY first DESC LIMIT 1), 0)
            ORDER BY first LIMIT $3
            """,
            ToRow,
            [Value(stream), Value(after), Value(limit)],
            cancellationToken);

    public async Task<SearchPage> Search(string stream, string text, long after, int limit, CancellationToken cancellationToken)
    {
        var rows = await _reader.Read(
            """
            SELECT first, last, recorded_at, coalesce(CASE WHEN strpos(events, $2) > 0 THEN events END, '') FROM journal
            WHERE stream = $1 AND first > $3 ORDER BY first LIMIT $4
            """,
            ToRow,
            [Value(stream), Value(text), Value(after), Value(limit)],
            cancellationToken);
        return rows.Count == 0
            ? new([], after, default)
            : new([.. rows.Where(static row => row.Events.Length > 0)], rows[^1].LastVersion, rows[^1].RecordedAt);
    }

    public Task<StoredReceipt?> FindReceipt(string stream, Guid operation, CancellationToken cancellationToken) =>
        _groups.Receipts.Ask(new(stream, operation), cancellationToken);

    public async Task<ReadOnlyMemory<byte>?> ReadSecret(string stream, string name, CancellationToken cancellationToken) =>
        (await _reader.Read(
            "SELECT value FROM secrets WHERE stream = $1 AND name = $2",
            static row => (ReadOnlyMemory<byte>?)row.GetFieldValue<byte[]>(0),
            [Value(stream), Value(name)],
            cancellationToken)).SingleOrDefault();

    public Task<ReadOnlyMemory<byte>> WriteSecret(
        string stream, string name, ReadOnlyMemory<byte> value, bool replaces, CancellationToken cancellationToken) =>
        PostgresSecret.Write(_reader, stream, name, value, replaces, cancellationToken);

    public Task<IReadOnlyList<Attention>> ReadAttention(string after, int limit, CancellationToken cancellationToken) =>
        _reader.Read(
            "SELECT stream, since, reason, detail FROM attention WHERE stream > $1 ORDER BY stream LIMIT $2",
            static row => new Attention(row.GetString(0), row.GetFieldValue<DateTimeOffset>(1), row.GetString(2), row.GetString(3)),
            [Value(after), Value(limit)],
            cancellationToken);

    public Task<IReadOnlyList<OutboxMessage>> ReadDue(
        int lane, DateTimeOffset now, OutboxPosition after, int limit, CancellationToken cancellationToken) =>
        _reader.Read(
            """
            SELECT id, lane, due, attempts, stream, type, body FROM outbox
            WHERE lane = $1 AND (due, id) > ($2, $3) AND due <= $4 ORDER BY due, id LIMIT $5
            """,
            ToMessage,
            [Value(lane), Value(after.DueAt), Value(after.Id), Value(now), Value(limit)],
            cancellationToken);

    public async Task<DateTimeOffset?> NextDue(int lane, DateTimeOffset now, CancellationToken cancellationToken) =>
        (await _reader.Read(
            "SELECT due FROM outbox WHERE lane = $1 AND due > $2 ORDER BY due LIMIT 1",
            static row => (DateTimeOffset?)row.GetFieldValue<DateTimeOffset>(0),
            [Value(lane), Value(now)],
            cancellationToken)).SingleOrDefault();

    public Task<IReadOnlyList<DeadLetter>> ReadDeadLetters(int limit, CancellationToken cancellationToken) =>
        _reader.Read(
            """
            SELECT id, lane, due, attempts, stream, type, body, parked_at, error FROM dead_letters
            ORDER BY parked_at DESC, id DESC LIMIT $1
            """,
            static row => new DeadLetter(ToMessage(row), row.GetFieldValue<DateTimeOffset>(7), row.GetString(8)),
            [Value(limit)],
            cancellationToken);

    /// <inheritdoc />
    /// <remarks>The prefix is compared so that no plan goes by the names instead of by the time.</remarks>
    public Task<IReadOnlyList<string>> FindUnended(QuietWindow window, string after, int limit, CancellationToken cancellationToken) =>
        _reader.Read(
            """
            WITH touched AS MATERIALIZED (
                SELECT stream, max(first) AS first FROM journal
                WHERE recorded_at >= $1 AND recorded_at < $2 AND left(stream, length($3)) = $3
                GROUP BY stream)
            SELECT t.stream FROM touched t
            CROSS JOIN LATERAL (SELECT first, events FROM journal WHERE stream = t.stream ORDER BY first DESC LIMIT 1) newest
            WHERE t.stream > $4 AND newest.first = t.first
              AND NOT EXISTS (SELECT 1 FROM unnest($5) AS ending WHERE right(newest.events, length(ending)) = ending)
            ORDER BY t.stream LIMIT $6
            """,
            static row => row.GetString(0),
            [Value(window.From), Value(window.Until), Value(window.Prefix), Value(after), Value(window.Endings.ToArray()), Value(limit)],
            cancellationToken);

    public async Task<DateTimeOffset> ReadSweptUntil(CancellationToken cancellationToken) =>
        (await _reader.Read("SELECT swept_until FROM sweep", static row => row.GetFieldValue<DateTimeOffset>(0), [], cancellationToken)).Single();

    public Task WriteSweptUntil(DateTimeOffset until, CancellationToken cancellationToken) =>
        _reader.Read("UPDATE sweep SET swept_until = $1 RETURNING 1", static row => row.GetInt32(0), [Value(until)], cancellationToken);

    public Task<IReadOnlyList<string>> WithMessages(IReadOnlyList<string> streams, string otherThan, CancellationToken cancellationToken) =>
        _reader.Read(
            "SELECT DISTINCT stream FROM outbox WHERE stream = ANY ($1) AND type <> $2",
            static row => row.GetString(0),
            [Value(streams.ToArray()), Value(otherThan)],
            cancellationToken);

    public async Task<int> ForgetReceipts(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        (await _reader.Read(
            """
            WITH forgotten AS (
                DELETE FROM receipts WHERE ctid = ANY (ARRAY(
                    SELECT ctid FROM receipts WHERE recorded_at < $1 ORDER BY recorded_at LIMIT $2 FOR UPDATE SKIP LOCKED))
                RETURNING 1)
            SELECT count(*) FROM forgotten
            """,
            static row => (int)row.GetInt64(0),
            [Value(before), Value(limit)],
            cancellationToken)).Single();

    public async ValueTask DisposeAsync()
    {
        _reader.Dispose();
        await _database.DisposeAsync();
    }

    internal static OutboxMessage ToMessage(NpgsqlDataReader row) => new(
        row.GetGuid(0),
        row.GetInt32(1),
        row.GetFieldValue<DateTimeOffset>(2),
        row.GetInt32(3),
        row.GetString(4),
        row.GetString(5),
        row.GetFieldValue<byte[]>(6));

    /// <summary>Commits what can be committed: a part that the server rolls back for certain is tried again in smaller ones.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "The contract: a commit answers for each of its appends, whatever happened.")]
    private Outcome Commit(
        IReadOnlyList<Append> appends, IReadOnlyList<OutboxChange> changes, Span<AppendStatus> statuses, Attempt attempt)
    {
        var sent = false;
        try
        {
            using var connection = _database.Journal.OpenConnection();
            var accepted = new HashSet<Guid>(appends.Count);
            var unconfirmed = false;
            connection.Notice += (_, said) => unconfirmed |= PostgresFailure.IsUnconfirmed(said.Notice);
            sent = true;
            var limit = _database.CommitLimit;
            PostgresCommit.Run(
                connection, appends, changes, _clock.GetUtcNow(), briefly: attempt.OfPart, accepted, attempt.Watch, limit, _options.Member);
            if (!attempt.Watch.TryEnd()) return GivenUp(statuses);
            if (unconfirmed) return Unconfirmed(statuses);
            for (var i = 0; i < appends.Count; i++) statuses[i] = accepted.Contains(appends[i].Id) ? AppendStatus.Committed : AppendStatus.Conflict;
            return new(true);
        }
        catch (Exception exception)
        {
            if (!attempt.Watch.TryEnd()) return GivenUp(statuses);
            var kind = PostgresFailure.Of(exception, sent);
            if (kind is FailureKind.Contention or FailureKind.Data && Stopwatch.GetElapsedTime(attempt.Since) < PartsPatience)
            {
                if (kind == FailureKind.Contention && attempt.Tries > 1) return Commit(appends, changes, statuses, attempt with { Tries = attempt.Tries - 1 });
                if (appends.Count + changes.Count > 1) return CommitInParts(appends, changes, statuses, attempt with { Tries = 1, OfPart = true });
            }

            statuses.Fill(kind == FailureKind.Unknown ? AppendStatus.Unknown : kind == FailureKind.Unwritable ? AppendStatus.Unwritable : AppendStatus.Refused);
            if (kind == FailureKind.Data) LogRefused(appends.Count, changes.Count, appends.Count > 0 ? appends[0].Stream : changes[0].Message.Stream, exception.Message);
            else if (_failures.IsDue(KindOf(exception), out var others)) LogFailedCommit(exception, appends.Count, kind, others);
            return new(false, exception.Message, kind == FailureKind.Unwritable);
        }
    }

    /// <summary>Whoever waited has been told so long ago, and nothing more may follow upon it.</summary>
    private static Outcome GivenUp(Span<AppendStatus> statuses)
    {
        statuses.Fill(AppendStatus.Unknown);
        return new(false, "Nobody waits for it any more.");
    }

    /// <summary>It is on the server's own disk, and not where it has to be, too, before it counts: lost if that server is lost now.</summary>
    private Outcome Unconfirmed(Span<AppendStatus> statuses)
    {
        statuses.Fill(AppendStatus.Unknown);
        LogUnconfirmed(statuses.Length);
        return new(false, "The server stopped waiting for its standby.");
    }

    /// <summary>Halves, down to the culprit alone: its neighbours commit. The outbox changes are a part of their own.</summary>
    private Outcome CommitInParts(
        IReadOnlyList<Append> appends, IReadOnlyList<OutboxChange> changes, Span<AppendStatus> statuses, Attempt attempt)
    {
        if (appends.Count > 0 && changes.Count > 0)
        {
            var (_, error, unwritable) = Commit(appends, [], statuses, attempt);
            if (attempt.Watch.IsGivenUp) return GivenUp(statuses);
            var rest = Commit([], changes, [], attempt);
            return new(rest.ChangesCommitted, error ?? rest.Error, unwritable || rest.Unwritable);
        }

        var (half, halfOfChanges) = (appends.Count / 2, changes.Count / 2);
        var first = Commit([.. appends.Take(half)], [.. changes.Take(halfOfChanges)], statuses[..half], attempt);
        if (attempt.Watch.IsGivenUp) return GivenUp(statuses);
        var second = Commit([.. appends.Skip(half)], [.. changes.Skip(halfOfChanges)], statuses[half..], attempt);
        return new(first.ChangesCommitted && second.ChangesCommitted, first.Error ?? second.Error, first.Unwritable || second.Unwritable);
    }

    private static string KindOf(Exception failure) => failure is PostgresException { SqlState: var state } ? state : failure.GetType().Name;

    private readonly record struct Outcome(bool ChangesCommitted, string? Error = null, bool Unwritable = false);

    /// <param name="Tries">How often it may still be tried whole when it loses to another transaction.</param>
    /// <param name="Since">When the commit began.</param>
    /// <param name="Watch">Says whether anybody still waits.</param>
    /// <param name="OfPart">The whole has failed, and with it whoever holds a row of it has been waited for.</param>
    private readonly record struct Attempt(int Tries, long Since, CommitWatch Watch, bool OfPart = false);

    [LoggerMessage(Level = LogLevel.Error, Message = "A commit of {Count} appends failed: {Kind} ({Others} more like it since the last such line)")]
    private partial void LogFailedCommit(Exception exception, int count, FailureKind kind, int others);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The store refused {Appends} appends and {Changes} changes, of {Stream} first: {Error}")]
    private partial void LogRefused(int appends, int changes, StreamLabel stream, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Somebody ended the server's wait for its standby: whether a commit of {Count} appends outlives the server is unknown")]
    private partial void LogUnconfirmed(int count);
}
