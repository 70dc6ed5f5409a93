namespace Holdfast.Journal.Sqlite;

/// <param name="Path">The directory that holds the database; created when missing. One process at a time may own it.</param>
public sealed record SqliteJournalOptions(string Path)
{
    public string DatabaseFile => System.IO.Path.Combine(Path, "holdfast.db");

    public string LockFile => System.IO.Path.Combine(Path, "holdfast.lock");

    public string SnapshotFile => System.IO.Path.Combine(Path, "snapshots.db");
}
