using Holdfast.Bench.Measuring;
using Npgsql;

namespace Holdfast.Lab.Sagas;

/// <summary>A database for one process, or for a killed one and its successor; dropped with everything in it.</summary>
internal sealed class SagaDatabase : IAsyncDisposable
{
    private readonly NpgsqlConnectionStringBuilder _admin;
    private readonly string _name;

    private SagaDatabase(string connectionString)
    {
        ConnectionString = connectionString;
        _admin = new(connectionString) { Pooling = false };
        _name = _admin.Database!;
        _admin.Database = "postgres";
    }

    public string ConnectionString { get; }

    public static async Task<SagaDatabase> Create(BenchStores stores, string name, CancellationToken cancellationToken)
    {
        var database = new SagaDatabase(await stores.NewDatabase(name, cancellationToken));

        // What the one before has left to write is written now, and not while this one is measured.
        await database.Execute("CHECKPOINT", cancellationToken);
        return database;
    }

    /// <summary>
    /// Tells the planner how large the tables have become: which plans it has chosen for the young ones, and keeps, is a matter of luck.
    /// </summary>
    public static async Task Analyze(string connectionString, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await Execute(connection, "ANALYZE", cancellationToken);
    }

    public async ValueTask DisposeAsync() => await Execute($"DROP DATABASE \"{_name}\" WITH (FORCE)", CancellationToken.None);

    private async Task Execute(string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(_admin.ConnectionString);
        await Execute(connection, sql, cancellationToken);
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 300 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
