using SQLitePCL;

namespace Holdfast.Journal.Sqlite;

/// <summary>
/// One open connection with its prepared statements. Not for concurrent use. SQLite's own interface instead of ADO.NET: no
/// allocation for a call, and UTF-8 goes in and out as it is.
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    /// <summary>How long a statement waits for a lock that another process holds, e.g. an operator's shell.</summary>
    private const int BusyTimeoutMilliseconds = 5_000;

    /// <summary>
    /// SQLITE_DBCONFIG_ENABLE_QPSG: no plan depends on the values that are bound. Otherwise SQLite prepares a statement anew each time that
    /// another limit is bound to it. See https://sqlite.org/c3ref/c_dbconfig_defensive.html.
    /// </summary>
    private const int StablePlans = 1007;

    private readonly sqlite3 handle;
    private readonly Dictionary<string, SqliteStatement> prepared = [];

    static SqliteDatabase() => Batteries_V2.Init();

    private SqliteDatabase(sqlite3 handle) => this.handle = handle;

    /// <param name="settings">Statements that are carried out first.</param>
    /// <exception cref="SqliteFailure">The file cannot be opened.</exception>
    public static SqliteDatabase OpenForWriting(string file, string settings) =>
        Open(file, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE, settings);

    /// <exception cref="SqliteFailure">The file cannot be opened.</exception>
    public static SqliteDatabase OpenForReading(string file) => Open(file, raw.SQLITE_OPEN_READWRITE, "PRAGMA query_only=ON");

    public void Execute(string sql)
    {
        Check(raw.sqlite3_exec(handle, sql));
    }

    /// <summary>The statement for this text, prepared once a connection.</summary>
    public SqliteStatement Prepare(string sql)
    {
        if (prepared.TryGetValue(sql, out var known)) return known;
        Check(raw.sqlite3_prepare_v3(handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement));
        return prepared[sql] = new SqliteStatement(handle, statement);
    }

    /// <summary>Rows that the last INSERT, UPDATE or DELETE touched.</summary>
    public int Changes() => raw.sqlite3_changes(handle);

    /// <summary>Moves the write-ahead log into the database and empties it; false when a reader was in the way.</summary>
    public bool TryTruncateLog(TimeSpan patience)
    {
        raw.sqlite3_busy_timeout(handle, (int)patience.TotalMilliseconds);
        var result = raw.sqlite3_wal_checkpoint_v2(handle, "main", raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _);
        raw.sqlite3_busy_timeout(handle, BusyTimeoutMilliseconds);
        return result == raw.SQLITE_OK;
    }

    /// <summary>Rolls back what is open.</summary>
    public void Dispose()
    {
        foreach (var statement in prepared.Values) statement.Dispose();
        prepared.Clear();
        handle.Dispose();
    }

    private static SqliteDatabase Open(string file, int flags, string settings)
    {
        var result = raw.sqlite3_open_v2(file, out var handle, flags | raw.SQLITE_OPEN_NOMUTEX, null);
        if (result != raw.SQLITE_OK)
        {
            handle?.Dispose();
            throw new SqliteFailure(result, $"{file}: {raw.sqlite3_errstr(result).utf8_to_string()}");
        }

        raw.sqlite3_busy_timeout(handle, BusyTimeoutMilliseconds);
        var database = new SqliteDatabase(handle);
        try
        {
            database.Check(raw.sqlite3_db_config(handle, StablePlans, 1, out _));
            database.Execute(settings);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK) throw new SqliteFailure(raw.sqlite3_extended_errcode(handle), raw.sqlite3_errmsg(handle).utf8_to_string());
    }
}
