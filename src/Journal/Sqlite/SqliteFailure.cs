using SQLitePCL;

namespace Holdfast.Journal.Sqlite;

/// <summary>SQLite answered something else than success.</summary>
/// <param name="code">SQLite's primary result code.</param>
internal sealed class SqliteFailure(int code, string message) : Exception(message)
{
    /// <summary>The values were at fault, not the database: only the statement itself was undone.</summary>
    public bool IsDataError => code is raw.SQLITE_CONSTRAINT or raw.SQLITE_TOOBIG or raw.SQLITE_MISMATCH;
}
