namespace Holdfast.Journal.Sqlite;

/// <summary>
/// The one connection that writes the journal. After a failure it is disposed, which rolls back what was open, and another is
/// opened in its place.
/// </summary>
internal sealed class SqliteJournalWriter : IDisposable
{
    private readonly SqliteDatabase database;
    private readonly TimeProvider clock;
    private readonly SqliteErasure erasure;
    private readonly SqliteStatement begin;
    private readonly SqliteStatement commit;
    private readonly SqliteStatement rollback;
    private readonly SqliteStatement newest;
    private readonly SqliteStatement insert;
    private readonly SqliteStatement insertPublished;
    private readonly SqliteStatement publish;
    private readonly SqliteStatement insertMessage;
    private readonly SqliteStatement insertReceipt;
    private readonly SqliteStatement keepSecret;
    private readonly SqliteStatement forgetSecret;
    private readonly SqliteStatement notice;
    private readonly SqliteStatement attend;
    private readonly SqliteStatement finish;
    private readonly SqliteStatement postpone;
    private readonly SqliteStatement park;
    private string[] keys = [];
    private int[] order = [];

    private SqliteJournalWriter(SqliteDatabase database, TimeProvider clock)
    {
        this.database = database;
        this.clock = clock;
        erasure = new(database);
        begin = database.Prepare("BEGIN IMMEDIATE");
        commit = database.Prepare("COMMIT");
        rollback = database.Prepare("ROLLBACK");
        newest = database.Prepare("SELECT last FROM journal WHERE stream = ?1 ORDER BY first DESC LIMIT 1");
        insert = database.Prepare(
            "INSERT INTO journal (stream, first, last, append_id, recorded_at, events, carried) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        insertPublished = database.Prepare(
            """
            INSERT INTO journal (stream, first, last, append_id, recorded_at, events, carried, position)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, last_insert_rowid())
            """);
        publish = database.Prepare("INSERT INTO feed (stream, first, follows) VALUES (?1, ?2, ?3)");
        insertMessage = database.Prepare(
            "INSERT INTO outbox (lane, due, id, attempts, stream, type, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");

        // The owner's memory is the record: a receipt that it moves out twice is the same receipt.
        insertReceipt = database.Prepare(
            """
            INSERT INTO receipts (stream, operation, recorded_at, body) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (stream, operation) DO UPDATE SET recorded_at = excluded.recorded_at, body = excluded.body
            """);
        keepSecret = database.Prepare(
            """
            INSERT INTO secrets (stream, name, value) VALUES (?1, ?2, ?3)
            ON CONFLICT (stream, name) DO UPDATE SET value = excluded.value
            """);
        forgetSecret = database.Prepare("DELETE FROM secrets WHERE stream = ?1 AND name = ?2");
        notice = database.Prepare("INSERT OR REPLACE INTO attention (stream, since, reason, detail) VALUES (?1, ?2, ?3, ?4)");
        attend = database.Prepare("DELETE FROM attention WHERE stream = ?1");
        finish = database.Prepare("DELETE FROM outbox WHERE lane = ?1 AND due = ?2 AND id = ?3");
        postpone = database.Prepare(
            """
            UPDATE OR REPLACE outbox SET due = ?4, attempts = ?5, error = coalesce(nullif(?6, ''), error)
            WHERE lane = ?1 AND due = ?2 AND id = ?3
            """);
        park = database.Prepare(
            """
            INSERT OR REPLACE INTO dead_letters (parked_at, id, lane, due, attempts, stream, type, body, error)
            SELECT ?4, id, lane, due, attempts, stream, type, body, ?5 FROM outbox WHERE lane = ?1 AND due = ?2 AND id = ?3
            """);
    }

    /// <exception cref="SqliteFailure">The file cannot be used.</exception>
    /// <exception cref="JournalStoreException">A newer program made the file.</exception>
    public static SqliteJournalWriter Open(string file, TimeProvider clock)
    {
        // 32 MB of log between checkpoints: hot pages are written back once. 16 MB in memory: a commit that splits a page looks at all.
        var database = SqliteDatabase.OpenForWriting(
            file,
            """
            PRAGMA journal_mode=WAL;
            PRAGMA synchronous=FULL;
            PRAGMA secure_delete=ON;
            PRAGMA temp_store=MEMORY;
            PRAGMA cache_size=-16384;
            PRAGMA wal_autocheckpoint=8000;
            """);
        try
        {
            SqliteSchema.Upgrade(database, file);
            return new SqliteJournalWriter(database, clock);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public void Begin() => begin.Run();

    /// <exception cref="SqliteFailure">Nobody knows whether the transaction was stored.</exception>
    public void Commit() => commit.Run();

    /// <summary>Does everything but commit.</summary>
    /// <returns>What the store said of the last append it refused, or null.</returns>
    /// <exception cref="SqliteFailure">The transaction is lost.</exception>
    public string? Apply(IReadOnlyList<Append> appends, IReadOnlyList<OutboxChange> changes, AppendStatus[] statuses)
    {
        SortByStream(appends);
        var error = TryStoreAll(appends, statuses) ? null : StoreOneByOne(appends, statuses);
        for (var i = 0; i < changes.Count; i++) Change(changes[i]);
        erasure.Finish();
        return error;
    }

    public int ForgetReceipts(DateTimeOffset before, int limit)
    {
        database.Prepare(
            """
            DELETE FROM receipts WHERE (stream, operation) IN
                (SELECT stream, operation FROM receipts WHERE recorded_at < ?1 ORDER BY recorded_at LIMIT ?2)
            """).Bind(1, before).Bind(2, limit).Run();
        return database.Changes();
    }

    /// <summary>What was published keeps its position, in the new epoch.</summary>
    public string Renew() =>
        database.Prepare("UPDATE epoch SET epoch = lower(hex(randomblob(16))) RETURNING epoch").Rows(static row => row.Text(0)).Single();

    public ReadOnlyMemory<byte> WriteSecret(string stream, string name, ReadOnlyMemory<byte> value, bool replaces) =>
        SqliteSecret.Write(database, stream, name, value, replaces);

    public bool WriteSweptUntil(DateTimeOffset until)
    {
        database.Prepare("UPDATE sweep SET swept_until = ?1").Bind(1, until).Run();
        return true;
    }

    /// <summary>Commits a row and its end: their page is written, as an append's would be.</summary>
    /// <exception cref="SqliteFailure">The file takes nothing.</exception>
    public bool ProveWritable()
    {
        begin.Run();
        database.Execute(
            """
            INSERT INTO receipts (stream, operation, recorded_at, body) VALUES ('', zeroblob(16), 0, '');
            DELETE FROM receipts WHERE stream = '' AND operation = zeroblob(16);
            """);
        commit.Run();
        return true;
    }

    public bool TryTruncateLog(TimeSpan patience) => database.TryTruncateLog(patience);

    public void Dispose() => database.Dispose();

    /// <summary>Neighbours in the index are written together; which append comes first in a batch means nothing.</summary>
    private void SortByStream(IReadOnlyList<Append> appends)
    {
        if (order.Length < appends.Count)
        {
            order = new int[appends.Count];
            keys = new string[appends.Count];
        }

        for (var i = 0; i < appends.Count; i++)
        {
            order[i] = i;
            keys[i] = appends[i].Stream;
        }

        Array.Sort(keys, order, 0, appends.Count, StringComparer.Ordinal);
        Array.Clear(keys, 0, appends.Count);
    }

    private bool TryStoreAll(IReadOnlyList<Append> appends, AppendStatus[] statuses)
    {
        try
        {
            for (var i = 0; i < appends.Count; i++) statuses[order[i]] = Store(appends[order[i]]);
            return true;
        }
        catch (SqliteFailure failure) when (failure.IsDataError)
        {
            return false;
        }
    }

    /// <summary>A savepoint an append is too dear for every batch; it is how one that failed is done again without its culprits.</summary>
    private string? StoreOneByOne(IReadOnlyList<Append> appends, AppendStatus[] statuses)
    {
        string? error = null;
        rollback.Run();
        begin.Run();
        for (var i = 0; i < appends.Count; i++)
        {
            database.Execute("SAVEPOINT one");
            try
            {
                statuses[order[i]] = Store(appends[order[i]]);
            }
            catch (SqliteFailure failure) when (failure.IsDataError)
            {
                database.Execute("ROLLBACK TO one");
                statuses[order[i]] = AppendStatus.Refused;
                error = $"{new StreamLabel(appends[order[i]].Stream)}: {failure.Message}";
            }

            database.Execute("RELEASE one");
        }

        return error;
    }

    private AppendStatus Store(Append append)
    {
        if (NewestVersion(append.Stream) != append.ExpectedVersion) return AppendStatus.Conflict;
        if (append.Follows is { } follows) publish.Bind(1, append.Stream).Bind(2, append.FirstVersion).Bind(3, follows).Run();
        (append.Follows is null ? insert : insertPublished)
            .Bind(1, append.Stream)
            .Bind(2, append.FirstVersion)
            .Bind(3, append.LastVersion)
            .Bind(4, append.Id)
            .Bind(5, append.RecordedAt)
            .Bind(6, append.Events.Span)
            .Bind(7, SqliteErasure.CarriedBy(append))
            .Run();
        if (append.Erases) erasure.Erase(append);
        for (var i = 0; i < append.Messages.Count; i++) Store(append.Messages[i]);
        for (var i = 0; i < append.Receipts.Count; i++) Store(append.Stream, append.Receipts[i]);
        if (append.Beside is { } beside) Store(append, beside);
        return AppendStatus.Committed;
    }

    private long NewestVersion(string stream)
    {
        newest.Bind(1, stream);
        var version = newest.Step() ? newest.Integer(0) : 0;
        newest.Reset();
        return version;
    }

    private void Store(OutboxMessage message) => insertMessage
        .Bind(1, message.Lane)
        .Bind(2, message.DueAt)
        .Bind(3, message.Id)
        .Bind(4, message.Attempts)
        .Bind(5, message.Stream)
        .Bind(6, message.Type)
        .Bind(7, message.Body.Span)
        .Run();

    private void Store(string stream, StoredReceipt receipt) => insertReceipt
        .Bind(1, stream)
        .Bind(2, receipt.Operation)
        .Bind(3, receipt.RecordedAt)
        .Bind(4, receipt.Body.Span)
        .Run();

    private void Store(Append append, Beside beside)
    {
        foreach (var secret in beside.Secrets)
        {
            if (secret.Value is { } value) keepSecret.Bind(1, append.Stream).Bind(2, secret.Name).Bind(3, value.Span).Run();
            else forgetSecret.Bind(1, append.Stream).Bind(2, secret.Name).Run();
        }

        if (beside.Attention is not { } attention) return;
        if (attention.Reason is null) attend.Bind(1, append.Stream).Run();
        else notice.Bind(1, append.Stream).Bind(2, append.RecordedAt).Bind(3, attention.Reason).Bind(4, attention.Detail).Run();
    }

    private void Change(OutboxChange change)
    {
        switch (change.Kind)
        {
            case OutboxChangeKind.Finish:
                Key(finish, change.Message).Run();
                break;
            case OutboxChangeKind.Postpone:
                Key(postpone, change.Message).Bind(4, change.DueAt).Bind(5, change.Attempts).Bind(6, change.Error ?? string.Empty).Run();
                break;
            case OutboxChangeKind.Park:
                Key(park, change.Message).Bind(4, clock.GetUtcNow()).Bind(5, change.Error ?? string.Empty).Run();
                Key(finish, change.Message).Run();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(change), change.Kind, "Not a kind of outbox change.");
        }
    }

    private static SqliteStatement Key(SqliteStatement statement, OutboxMessage message) =>
        statement.Bind(1, message.Lane).Bind(2, message.DueAt).Bind(3, message.Id);
}
