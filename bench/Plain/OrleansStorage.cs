using Holdfast.Journal.Postgres;
using Npgsql;
using PostgresDatabase = Holdfast.Journal.Postgres.PostgresDatabase;

namespace Holdfast.Bench.Plain;

/// <summary>
/// Orleans' AdoNet grain storage in PostgreSQL: its own layout of tables, with the unique key that its script lacks, and as many
/// connections and as well prepared as the ways that are plain SQL.
/// </summary>
internal sealed class OrleansStorage(string connectionString) : IAsyncDisposable
{
    private const int Connections = 32;

    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
    {
        SearchPath = PostgresDatabase.DefaultSchema,
        MaxPoolSize = Connections,
        MaxAutoPrepare = 16,
        NoResetOnClose = true,
    });

    public async Task CreateTables(CancellationToken cancellationToken)
    {
        await using var schema = new PostgresDatabase(connectionString);
        await PostgresSchema.Upgrade(schema, cancellationToken);
    }

    public void AddTo(ISiloBuilder silo, string name) => silo.AddAdoNetGrainStorage(name, storage =>
    {
        storage.Invariant = PostgresJournalHosting.Invariant;
        storage.DataSource = _database;
    });

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
