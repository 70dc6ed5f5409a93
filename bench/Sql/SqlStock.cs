using System.Diagnostics.Metrics;
using Npgsql;

namespace Holdfast.Bench.Sql;

/// <summary>
/// Stock in two PostgreSQL tables, reserved in the ways of the textbooks. Each call is durable when it returns and leaves a row for
/// the reservation, as one needs to give it back; none recognises a repeat, so each does less than Holdfast does.
/// </summary>
internal sealed class SqlStock : IAsyncDisposable
{
    public const string HotSku = "HOT";

    /// <summary>Callers beyond it wait for a connection: more connections made every way slower on two cores.</summary>
    private const int Connections = 32;

    public const string MeterName = "Holdfast.Bench.Sql";

    /// <summary>The instrument that counts commits which are a round trip of their own. Begin travels with the first statement.</summary>
    public const string CommitsName = "holdfast.bench.sql.commits";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> Commits = Meter.CreateCounter<long>(CommitsName, "{commit}");

    private readonly NpgsqlDataSource _source;

    public SqlStock(string connectionString)
    {
        _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxPoolSize = Connections,
            MinPoolSize = Connections,
            Timeout = 300,
            NoResetOnClose = true,
        });
    }

    public async Task Create(int products, long onHand, CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand(
            $"""
            CREATE TABLE stock (sku text PRIMARY KEY, on_hand bigint NOT NULL, reserved bigint NOT NULL, version bigint NOT NULL)
                WITH (fillfactor = 50);
            CREATE TABLE reservations (id uuid PRIMARY KEY, sku text NOT NULL, quantity bigint NOT NULL, expires_at timestamptz NOT NULL);
            INSERT INTO stock SELECT 'SKU-' || lpad(n::text, 6, '0'), {onHand}, 0, 1 FROM generate_series(0, {products} - 1) n;
            INSERT INTO stock VALUES ('{HotSku}', {onHand}, 0, 1);
            ANALYZE stock;
            """);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Lock the row, look, write: one transaction of four statements.</summary>
    public async ValueTask<bool> ReserveLocked(string sku, Guid id, DateTimeOffset expiresAt)
    {
        await using var connection = await _source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var (onHand, reserved, _) = await Read(connection, "SELECT on_hand, reserved, version FROM stock WHERE sku = $1 FOR UPDATE", sku);
        if (onHand - reserved < 1) return false;
        await Execute(connection, "UPDATE stock SET reserved = reserved + 1, version = version + 1 WHERE sku = $1", sku);
        await Insert(connection, sku, id, expiresAt);
        await Commit(transaction);
        return true;
    }

    /// <summary>Look without a lock, then write if nobody has written since; else again.</summary>
    public async ValueTask<bool> ReserveOptimistically(string sku, Guid id, DateTimeOffset expiresAt)
    {
        while (true)
        {
            await using var connection = await _source.OpenConnectionAsync();
            var (onHand, reserved, version) = await Read(connection, "SELECT on_hand, reserved, version FROM stock WHERE sku = $1", sku);
            if (onHand - reserved < 1) return false;
            await using var transaction = await connection.BeginTransactionAsync();
            var written = await Execute(
                connection, "UPDATE stock SET reserved = reserved + 1, version = version + 1 WHERE sku = $1 AND version = $2", sku, version);
            if (written == 0) continue;
            await Insert(connection, sku, id, expiresAt);
            await Commit(transaction);
            return true;
        }
    }

    /// <summary>One statement that looks and writes: the best that plain SQL can do.</summary>
    public async ValueTask<bool> ReserveInOneStatement(string sku, Guid id, DateTimeOffset expiresAt)
    {
        await using var connection = await _source.OpenConnectionAsync();
        return await Execute(
            connection,
            """
            WITH held AS (UPDATE stock SET reserved = reserved + 1, version = version + 1 WHERE sku = $1 AND on_hand - reserved >= 1 RETURNING sku)
            INSERT INTO reservations (id, sku, quantity, expires_at) SELECT $2, sku, 1, $3 FROM held
            """,
            sku,
            id,
            expiresAt) == 1;
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static async Task<(long OnHand, long Reserved, long Version)> Read(NpgsqlConnection connection, string sql, string sku)
    {
        await using var command = Command(connection, sql, sku);
        await command.PrepareAsync();
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2)) : throw new BenchException($"There is no {sku}.");
    }

    private static Task Commit(NpgsqlTransaction transaction)
    {
        Commits.Add(1);
        return transaction.CommitAsync();
    }

    private static Task<int> Insert(NpgsqlConnection connection, string sku, Guid id, DateTimeOffset expiresAt) =>
        Execute(connection, "INSERT INTO reservations (id, sku, quantity, expires_at) VALUES ($1, $2, 1, $3)", id, sku, expiresAt);

    private static async Task<int> Execute(NpgsqlConnection connection, string sql, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        await command.PrepareAsync();
        return await command.ExecuteNonQueryAsync();
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        return command;
    }
}
