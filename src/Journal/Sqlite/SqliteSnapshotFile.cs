using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Holdfast.Journal.Sqlite;

/// <summary>
/// The file behind the snapshots, apart from the journal so that their writes never wait for each other. Nothing in it is truth:
/// a file of another layout, or a damaged one, is made anew.
/// </summary>
public sealed class SqliteSnapshotFile(string file) : DbDataSource
{
    /// <summary>Raise it with every change below; files of another layout are emptied at start.</summary>
    private const long Layout = 1;

    private const int SqliteCorrupt = 11;
    private const int SqliteNotADatabase = 26;

    /// <summary>
    /// The three statements that the grain storage provider asks for, by its keys, parameters and result columns. A write or a
    /// removal that gives no row is what it reports as a stale ETag. Each is one statement: the provider has no way to roll back.
    /// </summary>
    private static readonly (string Key, string Text)[] Statements =
    [
        ("ReadFromStorageKey",
            """
            SELECT payload AS PayloadBinary, modified_at AS ModifiedOn, version AS Version FROM snapshots
            WHERE service = @ServiceId AND type = @GrainTypeString AND stream = @GrainIdExtensionString
            """),
        ("WriteToStorageKey",
            """
            INSERT INTO snapshots (service, type, stream, version, modified_at, payload)
            SELECT @ServiceId, @GrainTypeString, @GrainIdExtensionString, 1, unixepoch(), @PayloadBinary
            WHERE @GrainStateVersion IS NULL OR EXISTS (
                SELECT 1 FROM snapshots
                WHERE service = @ServiceId AND type = @GrainTypeString AND stream = @GrainIdExtensionString)
            ON CONFLICT (service, type, stream) DO UPDATE
                SET version = version + 1, modified_at = excluded.modified_at, payload = excluded.payload
                WHERE version = @GrainStateVersion
            RETURNING version AS NewGrainStateVersion
            """),
        ("ClearStorageKey",
            """
            DELETE FROM snapshots
            WHERE service = @ServiceId AND type = @GrainTypeString AND stream = @GrainIdExtensionString
            RETURNING version + 1 AS NewGrainStateVersion
            """),
    ];

    public override string ConnectionString { get; } = new SqliteConnectionStringBuilder
    {
        DataSource = file,

        // A pooled connection would keep whatever lock or open read an error left on it.
        Pooling = false,
    }.ToString();

    /// <summary>Makes the file ready for the grain storage provider, which reads its statements from it.</summary>
    public void Initialize()
    {
        try
        {
            Create();
        }
        catch (SqliteException e) when (e.SqliteErrorCode is SqliteCorrupt or SqliteNotADatabase)
        {
            foreach (var suffix in (string[])["", "-wal", "-shm"]) File.Delete(file + suffix);
            Create();
        }
    }

    /// <summary>
    /// Writes the file anew. Removed rows are overwritten at once, but not the copies that SQLite left behind when it moved them
    /// between pages; those are in no page that is written anew.
    /// </summary>
    public async Task Scrub()
    {
        await using var connection = await OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)";
        await command.ExecuteNonQueryAsync();
    }

    protected override DbConnection CreateDbConnection() => new SqliteConnection(ConnectionString);

    protected override DbConnection OpenDbConnection()
    {
        var connection = new SqliteConnection(ConnectionString);
        try
        {
            connection.Open();

            // Neither is remembered by the file. A snapshot lost with the power is one more replay, not worth a wait for the disk.
            Execute(connection, "PRAGMA secure_delete=ON; PRAGMA synchronous=NORMAL");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    protected override ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default) =>
        new(Task.Run(OpenDbConnection, cancellationToken));

    private void Create()
    {
        OwnedFile.Create(file);
        using var connection = (SqliteConnection)OpenDbConnection();
        Execute(connection, "PRAGMA journal_mode=WAL");
        using var transaction = connection.BeginTransaction();
        if (ReadLayout(connection, transaction) != Layout)
        {
            Execute(
                connection,
                $"""
                DROP TABLE IF EXISTS snapshots;
                DROP TABLE IF EXISTS OrleansQuery;
                CREATE TABLE OrleansQuery (QueryKey TEXT NOT NULL PRIMARY KEY, QueryText TEXT NOT NULL);
                CREATE TABLE snapshots (
                    service     TEXT    NOT NULL,
                    type        TEXT    NOT NULL,
                    stream      TEXT    NOT NULL,
                    version     INTEGER NOT NULL,
                    modified_at INTEGER NOT NULL,
                    payload     BLOB    NOT NULL,
                    PRIMARY KEY (service, type, stream));
                PRAGMA user_version={Layout};
                """,
                transaction);
        }

        foreach (var (key, text) in Statements) SaveStatement(connection, transaction, key, text);
        transaction.Commit();
    }

    private static long ReadLayout(SqliteConnection connection, SqliteTransaction transaction)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "PRAGMA user_version";
        return (long)command.ExecuteScalar()!;
    }

    private static void SaveStatement(SqliteConnection connection, SqliteTransaction transaction, string key, string text)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "INSERT OR REPLACE INTO OrleansQuery (QueryKey, QueryText) VALUES (@key, @text)";
        command.Parameters.AddWithValue("@key", key);
        command.Parameters.AddWithValue("@text", text);
        command.ExecuteNonQuery();
    }

    private static void Execute(SqliteConnection connection, string sql, SqliteTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
