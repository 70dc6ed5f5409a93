using Npgsql;

namespace Holdfast.Journal.Postgres;

/// <summary>
/// The tables. Events and bodies are JSON text: <c>SELECT stream, first, recorded_at, events FROM holdfast.journal</c> reads well in
/// psql, and <c>events::jsonb</c> can be searched.
/// </summary>
public static class PostgresSchema
{
    /// <summary>Serialises upgrades among processes that start at once. Any number, the same in all versions.</summary>
    private const long UpgradeLock = 0x486f6c6466617374;

    /// <summary>Upgrades, oldest first. Never change one that has been released: add the next.</summary>
    private static readonly string[] Steps =
        [JournalTables, PostgresProviderTables.Create, Beats, Sessions, Beside, RecordedTimes, Sweep, Feed];

    // Stream names are compared byte by byte: no locale can change what is in order, or equal.
    // A hot product's row is some 20 KB of text: lz4 takes 0.15 ms for it where the default takes 0.40 and no compression, which
    // writes more, 0.22. Not every PostgreSQL is built with it.
    // Outbox rows come and go by the million in a table that stays small, so it is vacuumed by number, not by share.
    private const string JournalTables =
        """
        CREATE TABLE journal (
            stream      text COLLATE "C" NOT NULL,
            first       bigint NOT NULL,
            last        bigint NOT NULL,
            append_id   uuid NOT NULL,
            recorded_at timestamptz(3) NOT NULL,
            events      text NOT NULL,
            CHECK (first >= 1 AND last >= first),
            PRIMARY KEY (stream, first));
        DO $$ BEGIN
            ALTER TABLE journal ALTER COLUMN events SET COMPRESSION lz4;
        EXCEPTION WHEN feature_not_supported OR invalid_parameter_value THEN
            NULL;
        END $$;
        CREATE TABLE outbox (
            lane     integer NOT NULL,
            due      timestamptz(3) NOT NULL,
            id       uuid NOT NULL,
            attempts integer NOT NULL,
            stream   text COLLATE "C" NOT NULL,
            type     text NOT NULL,
            body     text NOT NULL,
            PRIMARY KEY (lane, due, id))
            WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
        CREATE TABLE dead_letters (
            parked_at timestamptz(3) NOT NULL,
            id        uuid NOT NULL,
            lane      integer NOT NULL,
            due       timestamptz(3) NOT NULL,
            attempts  integer NOT NULL,
            stream    text COLLATE "C" NOT NULL,
            type      text NOT NULL,
            body      text NOT NULL,
            error     text NOT NULL,
            PRIMARY KEY (parked_at, id));
        CREATE TABLE receipts (
            stream      text COLLATE "C" NOT NULL,
            operation   uuid NOT NULL,
            recorded_at timestamptz(3) NOT NULL,
            body        text NOT NULL,
            PRIMARY KEY (stream, operation));
        CREATE INDEX receipts_by_age ON receipts (recorded_at);
        """;

    private const string Beats =
        """
        CREATE TABLE silo_beats (
            cluster text NOT NULL,
            silo    text NOT NULL,
            beat    bigint NOT NULL,
            at      timestamptz NOT NULL,
            PRIMARY KEY (cluster, silo))
            WITH (fillfactor = 50);
        """;

    // Silos of the release before leave none, and go on as they were.
    private const string Sessions = "ALTER TABLE silo_beats ADD COLUMN sessions text;";

    // Secrets come and go with each order.
    private const string Beside =
        """
        CREATE TABLE secrets (
            stream text COLLATE "C" NOT NULL,
            name   text COLLATE "C" NOT NULL,
            value  text NOT NULL,
            PRIMARY KEY (stream, name))
            WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
        CREATE TABLE attention (
            stream text COLLATE "C" NOT NULL PRIMARY KEY,
            since  timestamptz(3) NOT NULL,
            reason text NOT NULL,
            detail text NOT NULL);
        """;

    // Rows lie in the order of their times, so that a page of this index says what thousands of blocks hold, and an insert costs it nothing.
    // Blocks that are filled are summarized by the autovacuum; until then each question reads them, so it is asked few.
    private const string RecordedTimes =
        "CREATE INDEX journal_by_time ON journal USING brin (recorded_at) WITH (pages_per_range = 512, autosummarize = on);";

    // One row. Of a journal that is there already, the last two days; a minute for a new one: other clocks may be slower than the database's.
    private const string Sweep =
        """
        CREATE TABLE sweep (swept_until timestamptz(3) NOT NULL) WITH (fillfactor = 50);
        INSERT INTO sweep SELECT now() - CASE WHEN EXISTS (SELECT 1 FROM journal) THEN interval '2 days' ELSE interval '1 minute' END;
        """;

    // Of what is not published both columns are empty: in a row that has none yet that costs nothing, and the index has no entry.
    private const string Feed =
        """
        ALTER TABLE journal ADD COLUMN follows bigint, ADD COLUMN feed xid8;
        CREATE INDEX journal_feed ON journal (feed) WHERE feed IS NOT NULL;
        CREATE TABLE epoch (epoch text NOT NULL);
        INSERT INTO epoch SELECT replace(gen_random_uuid()::text, '-', '');
        ALTER TABLE outbox ADD COLUMN error text;
        CREATE INDEX outbox_retrying ON outbox (stream, due) WHERE error IS NOT NULL;
        """;

    /// <summary>The version that this program makes and needs.</summary>
    public static int Current => Steps.Length;

    /// <summary>The version that the database has; 0 when it has none.</summary>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public static async Task<int> ReadVersion(PostgresDatabase database, CancellationToken cancellationToken)
    {
        await using var connection = await database.Journal.OpenConnectionAsync(cancellationToken);
        return await ReadVersion(connection, cancellationToken);
    }

    /// <summary>Brings the tables to <see cref="Current"/>. Safe when several processes start at once: one upgrades, the others wait.</summary>
    /// <exception cref="JournalStoreException">
    /// The database cannot be reached, was made by a newer version, or this role may not change it; the message says what to do.
    /// </exception>
    public static async Task Upgrade(PostgresDatabase database, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.Journal.OpenConnectionAsync(cancellationToken);

            // A role without the right to change tables starts all the same when there is nothing to change.
            if (await ReadVersion(connection, cancellationToken) != Current) await Upgrade(connection, database.Schema, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidSchemaName)
        {
            // Of a schema that it may not use, a role does not even learn that it is there: to it, none is selected.
            throw new JournalStoreException(
                $"{database.Name} has no tables that this program can use, and its role may not make them ({e.MessageText}). Run the silo "
                + $"program's 'migrate' command as a role that owns the schema {database.Schema}, with --Holdfast:RuntimeRole naming this role.",
                e);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            throw new JournalStoreException($"{database.Name} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>
    /// Lets another role read and write the tables, and nothing more: what the tables are, and the statements that Orleans takes from one of
    /// them, it may only read.
    /// </summary>
    /// <exception cref="JournalStoreException">There is no such role, or this one may not grant.</exception>
    public static async Task Grant(PostgresDatabase database, string role, CancellationToken cancellationToken)
    {
        var (schema, name) = (Quote(database.Schema), Quote(role));
        try
        {
            await using var connection = await database.Journal.OpenConnectionAsync(cancellationToken);
            await Execute(
                connection,
                $"""
                GRANT USAGE ON SCHEMA {schema} TO {name};
                GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {name};
                REVOKE INSERT, UPDATE, DELETE ON schema_version, OrleansQuery FROM {name};
                """,
                cancellationToken);
        }
        catch (NpgsqlException e)
        {
            throw new JournalStoreException($"The role {role} cannot be given what it needs of {database.Name}: {e.Message}", e);
        }
    }

    private static async Task Upgrade(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // The others wait for as long as the upgrade takes.
        await Execute(connection, $"SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock({UpgradeLock})", cancellationToken);
        var version = await ReadVersion(connection, cancellationToken);
        if (version > Current)
        {
            throw new JournalStoreException(
                $"The database has schema version {version}, this program knows versions up to {Current}. "
                + "Start the newer Holdfast that upgraded it, or restore a backup made before the upgrade.");
        }

        if (version == 0) await CreateVersionTable(connection, schema, cancellationToken);
        for (var next = version; next < Current; next++)
        {
            await Execute(connection, Steps[next], cancellationToken);
            await Execute(connection, $"INSERT INTO schema_version (version) VALUES ({next + 1})", cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>A schema that an administrator has made for this role is used: making it needs a right that the role need not have.</summary>
    private static async Task CreateVersionTable(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand("SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)", connection) { Parameters = { new() { Value = schema } } };
        if (await exists.ExecuteScalarAsync(cancellationToken) is not true) await Execute(connection, $"CREATE SCHEMA {Quote(schema)}", cancellationToken);
        await Execute(connection, "CREATE TABLE schema_version (version integer PRIMARY KEY, upgraded_at timestamptz NOT NULL DEFAULT now())", cancellationToken);
    }

    private static async Task<int> ReadVersion(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Asked of the catalog as a table: name lookups can still miss what another session has just created.
        await using var exists = new NpgsqlCommand(
            "SELECT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = ANY (current_schemas(false)) AND tablename = 'schema_version')", connection);
        if (await exists.ExecuteScalarAsync(cancellationToken) is not true) return 0;
        await using var read = new NpgsqlCommand("SELECT coalesce(max(version), 0) FROM schema_version", connection);
        return (int)(await read.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        // No limit of this side either: an upgrade that is cut off starts from the beginning, and would be cut off again.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
