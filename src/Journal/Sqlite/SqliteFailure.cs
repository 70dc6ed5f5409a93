using SQLitePCL;

namespace Holdfast.Journal.Sqlite;

/// <summary>SQLite answered something else than success.</summary>
/// <param name="extended">SQLite's extended result code.</param>
internal sealed class SqliteFailure(int extended, string message) : Exception(message)
{
    private readonly int code = extended & 0xFF;

    /// <summary>SQLite's extended result code.</summary>
    public int Code => extended;

    /// <summary>The values were at fault, not the database: only the statement itself was undone.</summary>
    public bool IsDataError => code is raw.SQLITE_CONSTRAINT or raw.SQLITE_TOOBIG or raw.SQLITE_MISMATCH;

    /// <summary>The file cannot be written by anybody: the disk is full or broken, or it may only be read.</summary>
    public bool IsUnwritable => code is raw.SQLITE_FULL or raw.SQLITE_READONLY or raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN
        or raw.SQLITE_PERM or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    /// <summary>
    /// Also from COMMIT this is certain: a write to the log failed. The mark that makes a transaction valid is in its last frame, which is
    /// written last and is worth nothing unless it is whole (SQLite documentation, "WAL-mode File Format", §4.4). Nothing is written
    /// behind it on file systems that SQLite takes to overwrite safely, which are all. Only a failed sync comes after the mark.
    /// </summary>
    public bool IsBeforeMark => extended == raw.SQLITE_IOERR_WRITE || code == raw.SQLITE_FULL;
}
