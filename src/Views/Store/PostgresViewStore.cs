using System.Data.Common;
using Holdfast.Journal;
using Holdfast.Journal.Postgres;
using Npgsql;

namespace Holdfast.Views.Store;

/// <summary>The views in a schema of their own, beside that of the journal.</summary>
public sealed class PostgresViewStore : ViewStore
{
    /// <summary>Connections of one process, those of lists among them.</summary>
    private const int MaxConnections = 12;

    /// <summary>
    /// What a crash of the server takes is read from the feed again, together with the position that goes with it. A statement, a wait
    /// for a lock and an idle transaction end by themselves.
    /// </summary>
    private const string Bounds =
        "-c synchronous_commit=off -c statement_timeout=30s -c lock_timeout=500ms -c idle_in_transaction_session_timeout=10s "
        + "-c client_min_messages=warning -c jit=off";

    private readonly string _schema;
    private readonly NpgsqlDataSource _source;

    /// <param name="database">The journal's.</param>
    public PostgresViewStore(PostgresDatabase database)
    {
        _schema = SchemaBeside(database);
        Name = $"{database.Name}, schema {_schema}";
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString)
        {
            MaxPoolSize = MaxConnections,
            SearchPath = Quote(_schema),
        };
        settings.Options = $"{Bounds} {settings.Options}";
        _source = NpgsqlDataSource.Create(settings);
    }

    public override string Text => "text COLLATE \"C\"";

    public override string Name { get; }

    protected override DbDataSource Source => _source;

    public static string SchemaBeside(PostgresDatabase database) => $"{database.Schema}_views";

    /// <summary>
    /// Makes the schema, and lets a role make its tables in it. Those that are another's are dropped: the role makes them anew.
    /// </summary>
    /// <param name="database">The journal's.</param>
    /// <param name="role">Who is to make the views; null for whoever owns the schema.</param>
    /// <exception cref="JournalStoreException">It cannot be done.</exception>
    public static async Task Migrate(PostgresDatabase database, string? role, CancellationToken cancellationToken)
    {
        await using var store = new PostgresViewStore(database);
        await store.Initialize(cancellationToken);
        if (role is null) return;
        await store.Execute($"GRANT USAGE, CREATE ON SCHEMA {Quote(store._schema)} TO {Quote(role)}", cancellationToken);
        var others = await store.Read(
            new ViewStatement("SELECT tablename FROM pg_tables WHERE schemaname = @a AND tableowner <> @b", store._schema, role),
            static row => row.GetString(0),
            cancellationToken);
        foreach (var table in others) await store.Execute($"DROP TABLE {Quote(table)}", cancellationToken);
    }

    public override async Task Initialize(CancellationToken cancellationToken)
    {
        try
        {
            await using var exists = _source.CreateCommand("SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)");
            exists.Parameters.Add(new() { Value = _schema });
            if (await exists.ExecuteScalarAsync(cancellationToken) is true) return;
            await using var create = _source.CreateCommand($"CREATE SCHEMA IF NOT EXISTS {Quote(_schema)}");
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DuplicateSchema)
        {
            // Another process has just made it.
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new JournalStoreException(
                $"{Name} is not there, and this role may not make it ({e.MessageText}). Run the silo program's 'migrate' command as a role "
                + "that may, with --Holdfast:RuntimeRole naming this role.",
                e);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            throw new JournalStoreException($"{Name} cannot be made: {e.Message}", e);
        }
    }

    public override string Each => "unnest(@a) AS each (value)";

    public override ViewStatement Among(string sql, IEnumerable<string> texts) => new($"{sql} = ANY(@a)", Texts(texts));

    public override object Texts(IEnumerable<string> texts) => texts.ToArray();

    /// <inheritdoc />
    /// <remarks>One statement for each table, however many rows: all go to the server at once.</remarks>
    public override async Task<bool> Write(
        ViewStatement guard, IReadOnlyList<ViewRows> rows, bool erases, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var batch = new NpgsqlBatch(connection, transaction);
            var first = new NpgsqlBatchCommand(guard.Sql);
            guard.AddTo(first.Parameters, first.CreateParameter);
            batch.BatchCommands.Add(first);
            foreach (var table in rows.Where(static table => table.Values.Count > 0)) batch.BatchCommands.Add(ToCommand(table));
            await batch.PrepareAsync(cancellationToken);
            await batch.ExecuteNonQueryAsync(cancellationToken);
            if (first.RecordsAffected != 1) return false;
            await transaction.CommitAsync(cancellationToken);
            return true;
        }
        catch (NpgsqlException failure)
        {
            throw new JournalStoreException($"{Name} cannot be written: {failure.Message}", failure);
        }
    }

    /// <summary>Each column goes as one array.</summary>
    private static NpgsqlBatchCommand ToCommand(ViewRows rows)
    {
        var places = Enumerable.Range(1, rows.Columns.Length).Select(static place => $"${place}");
        var command = new NpgsqlBatchCommand(rows.ToSql($"SELECT * FROM unnest({string.Join(", ", places)})"));
        for (var i = 0; i < rows.Columns.Length; i++)
        {
            var column = rows.Values.ConvertAll(row => row[i]);
            object values = column[0] is long
                ? column.ConvertAll(static value => (long)value!).ToArray()
                : column.ConvertAll(static value => (string?)value).ToArray();
            command.Parameters.Add(new() { Value = values });
        }

        return command;
    }

    private static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
