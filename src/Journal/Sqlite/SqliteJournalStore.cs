using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Holdfast.Journal.Sqlite;

/// <summary>
/// The journal in one SQLite file, owned by one process. Writes go through one connection, one batch at a time; reads have
/// connections of their own.
/// </summary>
public sealed partial class SqliteJournalStore(SqliteJournalOptions options, TimeProvider clock, ILogger<SqliteJournalStore> logger)
    : IJournalStore
{
    /// <summary>How long an erasure waits for readers, so that the log can be emptied at once. Later batches try again.</summary>
    private static readonly TimeSpan ErasePatience = TimeSpan.FromMilliseconds(250);

    private static ReadOnlySpan<byte> Erased => "[]"u8;

    private readonly Lock gate = new();
    private readonly RepeatedFailures failures = new(clock);
    private FileStream? ownership;
    private SqliteJournalWriter? writer;
    private SqliteJournalReaders? readers;
    private bool logHoldsErased;

    public int Writers => 1;

    public Task Initialize(CancellationToken cancellationToken) => Task.Run(Open, cancellationToken);

    public async Task<int> ReadSchemaVersion(CancellationToken cancellationToken) =>
        await Readers().Read(
            database => database.Prepare("SELECT max(version) FROM schema_version").Rows(row => (int)row.Integer(0)).Single(),
            cancellationToken);

    /// <inheritdoc />
    /// <remarks>Runs on the caller's thread and has ended when it returns. There is nobody to wait for but the disk, and no other way to it.</remarks>
    public ValueTask<CommitResult> Commit(IReadOnlyList<Append> appends, IReadOnlyList<OutboxChange> changes, CommitWatch? watch = null)
    {
        lock (gate) return ValueTask.FromResult(CommitInOrder(appends, changes));
    }

    public Task ProveWritable(CancellationToken cancellationToken) => Task.Run(() => Write(static writer => writer.ProveWritable()), cancellationToken);

    public async Task<long> ReadVersion(string stream, CancellationToken cancellationToken) =>
        await Readers().Read(
            database => database.Prepare("SELECT last FROM journal WHERE stream = ?1 ORDER BY first DESC LIMIT 1")
                .Bind(1, stream).Rows(row => row.Integer(0)).SingleOrDefault(),
            cancellationToken);

    public async Task<IReadOnlyList<JournalRow>> ReadBackward(
        string stream, long before, int limit, CancellationToken cancellationToken) =>
        await Readers().Read(
            database =>
            {
                var bytes = 0;
                return database.Prepare(
                    """
                    SELECT first, last, recorded_at, events FROM journal
                    WHERE stream = ?1 AND first < ?2 ORDER BY first DESC LIMIT ?3
                    """)
                    .Bind(1, stream).Bind(2, before).Bind(3, limit)
                    .Rows(ToRow, row => (bytes += row.Events.Length) < IJournalStore.MaxPageBytes);
            },
            cancellationToken);

    public async Task<IReadOnlyList<JournalRow>> ReadForward(
        string stream, long after, int limit, CancellationToken cancellationToken) =>
        await Readers().Read(
            database => database.Prepare(
                """
                SELECT first, last, recorded_at, events FROM journal
                WHERE stream = ?1 AND last > ?2 AND first >= coalesce(
                    (SELECT first FROM journal WHERE stream = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1), 0)
                ORDER BY first LIMIT ?3
                """)
                .Bind(1, stream).Bind(2, after).Bind(3, limit).Rows(ToRow),
            cancellationToken);

    public async Task<SearchPage> Search(string stream, string text, long after, int limit, CancellationToken cancellationToken)
    {
        var rows = await Readers().Read(
            database => database.Prepare(
                """
                SELECT first, last, recorded_at, CASE WHEN instr(events, ?2) > 0 THEN events END FROM journal
                WHERE stream = ?1 AND first > ?3 ORDER BY first LIMIT ?4
                """)
                .Bind(1, stream).Bind(2, text).Bind(3, after).Bind(4, limit).Rows(ToRow),
            cancellationToken);
        return rows.Count == 0
            ? new([], after, default)
            : new([.. rows.Where(static row => row.Events.Length > 0)], rows[^1].LastVersion, rows[^1].RecordedAt);
    }

    public async Task<StoredReceipt?> FindReceipt(string stream, Guid operation, CancellationToken cancellationToken) =>
        await Readers().Read(
            database => database.Prepare("SELECT recorded_at, body FROM receipts WHERE stream = ?1 AND operation = ?2")
                .Bind(1, stream).Bind(2, operation)
                .Rows(row => new StoredReceipt(operation, row.Time(0), row.Utf8(1)))
                .SingleOrDefault(),
            cancellationToken);

    public async Task<ReadOnlyMemory<byte>?> ReadSecret(string stream, string name, CancellationToken cancellationToken) =>
        await Readers().Read(
            database => database.Prepare("SELECT value FROM secrets WHERE stream = ?1 AND name = ?2")
                .Bind(1, stream).Bind(2, name)
                .Rows(row => (ReadOnlyMemory<byte>?)row.Utf8(0))
                .SingleOrDefault(),
            cancellationToken);

    public Task<ReadOnlyMemory<byte>> WriteSecret(
        string stream, string name, ReadOnlyMemory<byte> value, bool replaces, CancellationToken cancellationToken) =>
        Task.Run(() => Write(writer => writer.WriteSecret(stream, name, value, replaces)), cancellationToken);

    public async Task<IReadOnlyList<Attention>> ReadAttention(string after, int limit, CancellationToken cancellationToken) =>
        await Readers().Read(
            database => database.Prepare("SELECT stream, since, reason, detail FROM attention WHERE stream > ?1 ORDER BY stream LIMIT ?2")
                .Bind(1, after).Bind(2, limit)
                .Rows(row => new Attention(row.Text(0), row.Time(1), row.Text(2), row.Text(3))),
            cancellationToken);

    public async Task<IReadOnlyList<OutboxMessage>> ReadDue(
        int lane, DateTimeOffset now, OutboxPosition after, int limit, CancellationToken cancellationToken) =>
        await Readers().Read(
            database => database.Prepare(
                """
                SELECT id, lane, due, attempts, stream, type, body FROM outbox
                WHERE lane = ?1 AND (due, id) > (?2, ?3) AND due <= ?4 ORDER BY due, id LIMIT ?5
                """)
                .Bind(1, lane).Bind(2, after.DueAt).Bind(3, after.Id).Bind(4, now).Bind(5, limit).Rows(row => ToMessage(row)),
            cancellationToken);

    public async Task<DateTimeOffset?> NextDue(int lane, DateTimeOffset now, CancellationToken cancellationToken) =>
        await Readers().Read(
            database => database.Prepare("SELECT due FROM outbox WHERE lane = ?1 AND due > ?2 ORDER BY due LIMIT 1")
                .Bind(1, lane).Bind(2, now)
                .Rows(row => (DateTimeOffset?)row.Time(0))
                .SingleOrDefault(),
            cancellationToken);

    public async Task<IReadOnlyList<DeadLetter>> ReadDeadLetters(int limit, CancellationToken cancellationToken) =>
        await Readers().Read(
            database => database.Prepare(
                """
                SELECT id, lane, due, attempts, stream, type, body, parked_at, error FROM dead_letters
                ORDER BY parked_at DESC, id DESC LIMIT ?1
                """)
                .Bind(1, limit)
                .Rows(row => new DeadLetter(ToMessage(row), row.Time(7), row.Text(8))),
            cancellationToken);

    public async Task<IReadOnlyList<string>> FindUnended(QuietWindow window, string after, int limit, CancellationToken cancellationToken) =>
        await Readers().Read(
            database =>
            {
                var unended = string.Concat(Enumerable.Range(0, window.Endings.Count).Select(static i =>
                    string.Create(CultureInfo.InvariantCulture, $" AND substr(j.events, -length(?{i + 6})) <> ?{i + 6}")));
                var question = database.Prepare(
                    $"""
                    SELECT t.stream FROM (
                        SELECT stream, max(first) AS first FROM journal NOT INDEXED
                        WHERE rowid >= ?1 AND rowid < ?2 AND substr(stream, 1, length(?3)) = ?3 GROUP BY stream) t, journal j
                    WHERE t.stream > ?4 AND j.stream = t.stream AND j.first = t.first{unended}
                      AND NOT EXISTS (SELECT 1 FROM journal n WHERE n.stream = t.stream AND n.first > t.first)
                    ORDER BY t.stream LIMIT ?5
                    """);
                question.Bind(1, FirstRow(database, window.From)).Bind(2, FirstRow(database, window.Until));
                question.Bind(3, window.Prefix).Bind(4, after).Bind(5, limit);
                for (var i = 0; i < window.Endings.Count; i++) question.Bind(i + 6, window.Endings[i]);
                return question.Rows(row => row.Text(0));
            },
            cancellationToken);

    public async Task<DateTimeOffset> ReadSweptUntil(CancellationToken cancellationToken) =>
        (await Readers().Read(database => database.Prepare("SELECT swept_until FROM sweep").Rows(row => row.Time(0)), cancellationToken)).Single();

    public Task WriteSweptUntil(DateTimeOffset until, CancellationToken cancellationToken) =>
        Task.Run(() => Write(writer => writer.WriteSweptUntil(until)), cancellationToken);

    public async Task<IReadOnlyList<string>> WithMessages(IReadOnlyList<string> streams, string otherThan, CancellationToken cancellationToken) =>
        await Readers().Read(
            database =>
            {
                var asked = streams.ToHashSet();
                return database.Prepare("SELECT DISTINCT stream FROM outbox WHERE type <> ?1").Bind(1, otherThan).Rows(row => row.Text(0)).Where(asked.Contains).ToArray();
            },
            cancellationToken);

    public Task<int> ForgetReceipts(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        Task.Run(() => Write(writer => writer.ForgetReceipts(before, limit)), cancellationToken);

    /// <summary>Waits for the batch and the questions in progress, and gives the file free.</summary>
    public async ValueTask DisposeAsync()
    {
        if (readers is not null) await readers.DisposeAsync();
        lock (gate)
        {
            readers = null;
            writer?.Dispose();
            writer = null;
            ownership?.Dispose();
            ownership = null;
        }
    }

    private void Open()
    {
        lock (gate)
        {
            if (ownership is not null) return;
            try
            {
                CreateDirectory();
                ownership = Own();
                OwnedFile.Create(options.DatabaseFile);
                writer = SqliteJournalWriter.Open(options.DatabaseFile, clock);

                // A process that ended between an erasure and its checkpoint leaves what was erased in the log.
                logHoldsErased = !writer.TryTruncateLog(ErasePatience);
                readers = new SqliteJournalReaders(options.DatabaseFile);
            }
            catch (Exception e)
            {
                writer?.Dispose();
                writer = null;
                ownership?.Dispose();
                ownership = null;
                if (e is JournalStoreException) throw;
                throw new JournalStoreException($"{options.DatabaseFile} cannot be opened: {e.Message}", e);
            }
        }
    }

    private void CreateDirectory()
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(options.Path);
        else Directory.CreateDirectory(options.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>SQLite lets several processes write by turns; two journals on one file would each call the other's grains stale.</summary>
    private FileStream Own()
    {
        try
        {
            return OwnedFile.Open(options.LockFile, FileShare.None);
        }
        catch (IOException e) when (OwnedFile.IsInUse(e))
        {
            throw new JournalStoreException(
                $"{options.DatabaseFile} is in use by another process (it holds {options.LockFile}). Stop that process, give this "
                + "one a data directory of its own, or use PostgreSQL to run several.",
                e);
        }
    }

    internal SqliteJournalReaders Readers() =>
        readers ?? throw new JournalStoreException($"{options.DatabaseFile} is not open: call {nameof(Initialize)} first.");

    [SuppressMessage("Design", "CA1031", Justification = "The contract: a commit answers for each of its appends, whatever happened.")]
    private CommitResult CommitInOrder(IReadOnlyList<Append> appends, IReadOnlyList<OutboxChange> changes)
    {
        var statuses = new AppendStatus[appends.Count];
        var committing = false;
        try
        {
            var current = Writer();
            current.Begin();
            var error = current.Apply(appends, changes, statuses);
            committing = true;
            current.Commit();
            if (error is not null) LogRefusedData(logger, error);
            ScrubLog(current, appends, statuses);
            return new CommitResult(statuses, Committed: true, error);
        }
        catch (Exception e)
        {
            DropWriter();
            var status = StatusAfter(e, committing);
            Array.Fill(statuses, status);
            if (failures.IsDue(KindOf(e), out var others)) LogFailedBatch(logger, e, appends.Count, status, others);
            return new CommitResult(statuses, Committed: false, e.Message, status == AppendStatus.Unwritable);
        }
    }

    /// <summary>Closing the connection has rolled back. Only a COMMIT that failed itself may have written its mark before.</summary>
    private static AppendStatus StatusAfter(Exception failure, bool committing) => failure switch
    {
        SqliteFailure { IsUnwritable: true } unwritable when !committing || unwritable.IsBeforeMark => AppendStatus.Unwritable,
        _ => committing ? AppendStatus.Unknown : AppendStatus.Refused,
    };

    private static string KindOf(Exception failure) =>
        failure is SqliteFailure { Code: var code } ? code.ToString(CultureInfo.InvariantCulture) : failure.GetType().Name;

    private SqliteJournalWriter Writer()
    {
        if (ownership is null) throw new JournalStoreException($"{options.DatabaseFile} is not open: call {nameof(Initialize)} first.");
        return writer ??= SqliteJournalWriter.Open(options.DatabaseFile, clock);
    }

    private void DropWriter()
    {
        writer?.Dispose();
        writer = null;
    }

    private void ScrubLog(SqliteJournalWriter current, IReadOnlyList<Append> appends, AppendStatus[] statuses)
    {
        var erased = false;
        for (var i = 0; i < appends.Count; i++) erased |= appends[i].Erases && statuses[i] == AppendStatus.Committed;
        if (!erased && !logHoldsErased) return;
        logHoldsErased = !current.TryTruncateLog(erased ? ErasePatience : TimeSpan.Zero);
        if (logHoldsErased) LogLogNotTruncated(logger);
    }

    /// <summary>Rows lie in the order in which they were stored, which is that of their times but for what a clock does: halved, until it is found.</summary>
    private static long FirstRow(SqliteDatabase database, DateTimeOffset moment)
    {
        var end = database.Prepare("SELECT coalesce(max(rowid), 0) + 1 FROM journal").Rows(row => row.Integer(0))[0];
        var look = database.Prepare("SELECT rowid, recorded_at FROM journal WHERE rowid >= ?1 ORDER BY rowid LIMIT 1");
        for (var low = 0L; ;)
        {
            if (low >= end) return end;
            var middle = low + ((end - low) / 2);
            var row = look.Bind(1, middle).Rows(row => (Id: row.Integer(0), At: row.Time(1)));
            if (row is [var found] && found.At < moment) low = found.Id + 1;
            else end = middle;
        }
    }

    internal T Write<T>(Func<SqliteJournalWriter, T> write)
    {
        lock (gate)
        {
            try
            {
                return write(Writer());
            }
            catch (SqliteFailure failure)
            {
                DropWriter();
                throw new JournalStoreException($"{options.DatabaseFile} cannot be written: {failure.Message}.", failure);
            }
        }
    }

    internal static JournalRow ToRow(SqliteStatement row)
    {
        var events = row.Utf8(3);

        // An erased row keeps its length, in blanks.
        return new JournalRow(row.Integer(0), row.Integer(1), row.Time(2), events.AsSpan().StartsWith(Erased) ? Erased.ToArray() : events);
    }

    internal static OutboxMessage ToMessage(SqliteStatement row) =>
        new(row.Id(0), (int)row.Integer(1), row.Time(2), (int)row.Integer(3), row.Text(4), row.Text(5), row.Utf8(6));
}
