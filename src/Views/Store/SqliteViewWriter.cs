using Holdfast.Journal;
using Holdfast.Journal.Sqlite;

namespace Holdfast.Views.Store;

/// <summary>
/// The connection that writes rows of views: one for all of them, since SQLite lets one write at a time, and kept, so that its statements
/// stay prepared and its pages in memory.
/// </summary>
internal sealed class SqliteViewWriter(string file) : IAsyncDisposable
{
    /// <summary>How long a scrub waits for those who read; the next pass tries again.</summary>
    private static readonly TimeSpan ScrubPatience = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim _turn = new(1);
    private SqliteDatabase? _database;

    /// <inheritdoc cref="ViewStore.Write" />
    public Task<bool> Write(ViewStatement guard, IReadOnlyList<ViewRows> rows, bool erases, CancellationToken cancellationToken) => InTurn(
        database =>
        {
            database.Execute("BEGIN IMMEDIATE");
            var isChanged = Change(database, guard, rows);
            if (erases) database.Execute("PRAGMA user_version=1");
            database.Execute(isChanged ? "COMMIT" : "ROLLBACK");
            return isChanged;
        },
        cancellationToken);

    /// <inheritdoc cref="ViewStore.Scrub" />
    /// <remarks>
    /// What is removed is overwritten at once in the file, but not the copies that SQLite left behind when it moved rows between pages: the
    /// file is written anew, if that is owed. And the log is emptied. The debt is stored with the rows, as the file's <c>user_version</c>,
    /// so that a process that ends in between forgets nothing.
    /// </remarks>
    public Task<bool> Scrub(CancellationToken cancellationToken) => InTurn(
        static database =>
        {
            var isOwed = database.Prepare("PRAGMA user_version").Rows(static row => row.Integer(0)).Single() > 0;
            if (isOwed)
            {
                // Once, even if somebody who reads keeps the log from being emptied for long: each time, the log grows by the whole file.
                database.Execute("VACUUM");
                database.Execute("PRAGMA user_version=0");
            }

            return database.TryTruncateLog(ScrubPatience);
        },
        cancellationToken);

    /// <summary>The next use opens the file anew, which may be another one by then.</summary>
    public async Task Close(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        _database?.Dispose();
        _database = null;
        _turn.Release();
    }

    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        _database?.Dispose();
        _turn.Dispose();
    }

    private async Task<bool> InTurn(Func<SqliteDatabase, bool> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Do(work), cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    private bool Do(Func<SqliteDatabase, bool> work)
    {
        try
        {
            return work(_database ??= Open());
        }
        catch (Exception failure)
        {
            // Whatever is open is undone with the connection; the next one begins anew.
            _database?.Dispose();
            _database = null;
            if (failure is SqliteFailure) throw new JournalStoreException($"{file} cannot be written: {failure.Message}", failure);
            throw;
        }
    }

    /// <summary>With 32 MiB of pages in memory; the log is moved into the file when it is as long, as rarely as the journal's.</summary>
    private SqliteDatabase Open() => SqliteDatabase.OpenForWriting(
        file, $"{SqliteViewStore.Settings}; PRAGMA cache_size=-32768; PRAGMA wal_autocheckpoint=8000");

    private static bool Change(SqliteDatabase database, ViewStatement guard, IReadOnlyList<ViewRows> rows)
    {
        var statement = database.Prepare(guard.Sql);
        for (var i = 0; i < guard.Values.Length; i++) statement.Bind(statement.PlaceOf(ViewStatement.NameOf(i)), guard.Values[i]);
        statement.Run();
        if (database.Changes() != 1) return false;
        foreach (var table in rows.Where(static table => table.Values.Count > 0)) Insert(database, table);
        return true;
    }

    private static void Insert(SqliteDatabase database, ViewRows rows)
    {
        var places = Enumerable.Range(1, rows.Columns.Length).Select(static place => $"?{place}");
        var insert = database.Prepare(rows.ToSql($"VALUES ({string.Join(", ", places)})"));
        foreach (var row in rows.Values)
        {
            for (var i = 0; i < row.Length; i++) insert.Bind(i + 1, row[i]);
            insert.Run();
        }
    }
}
