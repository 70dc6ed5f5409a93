namespace Holdfast.Journal.Sqlite;

/// <summary>
/// The tables of <c>holdfast.db</c>. Times are UTC milliseconds since 1970, ids are 16 bytes big-endian, events and bodies JSON text:
/// <c>SELECT stream, first, datetime(recorded_at / 1000, 'unixepoch'), events FROM journal</c> reads well in any SQLite shell.
/// </summary>
internal static class SqliteSchema
{
    /// <summary>Upgrades, oldest first. Never change one that has been released: add the next.</summary>
    private static readonly string[] Steps =
    [
        // The journal is no WITHOUT ROWID table: appends of many streams would each dirty a page of their own, instead of sharing
        // the last one and the pages of a far smaller index. Measured with 10,000 streams: half the appends a second.
        """
        CREATE TABLE journal (
            stream      TEXT    NOT NULL,
            first       INTEGER NOT NULL,
            last        INTEGER NOT NULL,
            append_id   BLOB    NOT NULL,
            recorded_at INTEGER NOT NULL,
            events      TEXT    NOT NULL,
            CHECK (first >= 1 AND last >= first),
            UNIQUE (stream, first));
        CREATE TABLE outbox (
            lane     INTEGER NOT NULL,
            due      INTEGER NOT NULL,
            id       BLOB    NOT NULL,
            attempts INTEGER NOT NULL,
            stream   TEXT    NOT NULL,
            type     TEXT    NOT NULL,
            body     TEXT    NOT NULL,
            PRIMARY KEY (lane, due, id)) WITHOUT ROWID;
        CREATE TABLE dead_letters (
            parked_at INTEGER NOT NULL,
            id        BLOB    NOT NULL,
            lane      INTEGER NOT NULL,
            due       INTEGER NOT NULL,
            attempts  INTEGER NOT NULL,
            stream    TEXT    NOT NULL,
            type      TEXT    NOT NULL,
            body      TEXT    NOT NULL,
            error     TEXT    NOT NULL,
            PRIMARY KEY (parked_at, id)) WITHOUT ROWID;
        CREATE TABLE receipts (
            stream      TEXT    NOT NULL,
            operation   BLOB    NOT NULL,
            recorded_at INTEGER NOT NULL,
            body        TEXT    NOT NULL,
            PRIMARY KEY (stream, operation)) WITHOUT ROWID;
        CREATE INDEX receipts_by_age ON receipts (recorded_at);
        """,

        // By rowid, so that a secret is written behind the last one and stays where it is: what SQLite moves leaves a copy behind.
        """
        CREATE TABLE secrets (
            stream TEXT NOT NULL,
            name   TEXT NOT NULL,
            value  TEXT NOT NULL,
            UNIQUE (stream, name));
        CREATE TABLE attention (
            stream TEXT    NOT NULL PRIMARY KEY,
            since  INTEGER NOT NULL,
            reason TEXT    NOT NULL,
            detail TEXT    NOT NULL) WITHOUT ROWID;
        """,

        // What an append brought beside its events, as bits: an erasure asks it. Unknown of the rows that were there before.
        """
        ALTER TABLE journal ADD COLUMN carried INTEGER;
        """,

        // One row. Of a journal that is there already, the last two days.
        """
        CREATE TABLE sweep (swept_until INTEGER NOT NULL);
        INSERT INTO sweep SELECT (unixepoch() - CASE WHEN EXISTS (SELECT 1 FROM journal) THEN 172800 ELSE 60 END) * 1000;
        """,

        // The order in which appends were published. A rowid would do as well, but for VACUUM, which may number the rows anew.
        """
        CREATE TABLE feed (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            stream   TEXT    NOT NULL,
            first    INTEGER NOT NULL,
            follows  INTEGER NOT NULL);
        ALTER TABLE journal ADD COLUMN position INTEGER;
        CREATE TABLE epoch (epoch TEXT NOT NULL);
        INSERT INTO epoch SELECT lower(hex(randomblob(16)));
        ALTER TABLE outbox ADD COLUMN error TEXT;
        CREATE INDEX outbox_retrying ON outbox (stream, due) WHERE error IS NOT NULL;
        """,
    ];

    /// <exception cref="JournalStoreException">A newer program made the file.</exception>
    public static void Upgrade(SqliteDatabase database, string file)
    {
        // Taken before the version is read: of several starters one upgrades, and the others then find the work done.
        database.Execute("BEGIN EXCLUSIVE");
        database.Execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
        var version = database.Prepare("SELECT coalesce(max(version), 0) FROM schema_version").Rows(row => row.Integer(0))[0];
        if (version > Steps.Length)
        {
            throw new JournalStoreException(
                $"{file} has schema version {version}, this program knows versions up to {Steps.Length}. "
                + "Start the newer Holdfast that made it, or restore a backup made before the upgrade.");
        }

        for (var next = version; next < Steps.Length; next++)
        {
            database.Execute(Steps[next]);
            database.Prepare("INSERT INTO schema_version (version) VALUES (?1)").Bind(1, next + 1).Run();
        }

        database.Execute("COMMIT");
    }
}
