using Holdfast.Bench.Measuring;
using Npgsql;

namespace Holdfast.Bench.Sagas;

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

    public async ValueTask DisposeAsync() => await Execute($"DROP DATABASE \"{_name}\" WITH (FORCE)", CancellationToken.None);

    private async Task Execute(string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(_admin.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 300 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
