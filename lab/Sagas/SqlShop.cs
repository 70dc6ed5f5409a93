using Npgsql;

namespace Holdfast.Lab.Sagas;

/// <summary>
/// Orders and stock as rows, for systems that bring messages and leave the tables to their users. Each step is one statement that
/// commits by itself, whatever the number of lines: the best that plain SQL can do. A step moves the order's own row on first, so that
/// a message that is delivered twice changes nothing the second time. Product rows are locked in the order of their SKUs.
/// </summary>
public sealed class SqlShop(string connectionString, int connections) : IAsyncDisposable
{
    private const string Create =
        """
        CREATE TABLE IF NOT EXISTS orders (id text COLLATE "C" PRIMARY KEY, status text NOT NULL, units bigint NOT NULL);
        CREATE TABLE IF NOT EXISTS stock (sku text COLLATE "C" PRIMARY KEY, on_hand bigint NOT NULL, reserved bigint NOT NULL, price bigint NOT NULL,
            CHECK (reserved BETWEEN 0 AND on_hand)) WITH (fillfactor = 50);
        CREATE TABLE IF NOT EXISTS reservations (order_id text COLLATE "C", sku text COLLATE "C", price bigint NOT NULL, PRIMARY KEY (order_id, sku));
        """;

    private const string Accepted = "INSERT INTO orders (id, status, units) VALUES ($1, 'placed', cardinality($2)) ON CONFLICT DO NOTHING";

    private const string Reserved =
        """
        WITH first AS (UPDATE orders SET status = 'reserved' WHERE id = $1 AND status = 'placed' RETURNING id),
        asked AS MATERIALIZED (SELECT sku FROM stock WHERE sku = ANY ($2) AND EXISTS (SELECT FROM first) ORDER BY sku FOR UPDATE),
        held AS (
            UPDATE stock s SET reserved = reserved + 1 FROM asked
            WHERE s.sku = asked.sku AND s.on_hand > s.reserved RETURNING s.sku, s.price)
        INSERT INTO reservations (order_id, sku, price) SELECT $1, sku, price FROM held
        """;

    private const string Held = "SELECT count(*), coalesce(sum(price), 0)::bigint FROM reservations WHERE order_id = $1";

    private const string Completed =
        """
        WITH first AS (UPDATE orders SET status = 'completed' WHERE id = $1 AND status = 'reserved' RETURNING id),
        held AS (DELETE FROM reservations WHERE order_id = $1 AND EXISTS (SELECT FROM first) RETURNING sku),
        locked AS MATERIALIZED (SELECT sku FROM stock WHERE sku IN (SELECT sku FROM held) ORDER BY sku FOR UPDATE)
        UPDATE stock s SET on_hand = on_hand - 1, reserved = reserved - 1 FROM locked WHERE s.sku = locked.sku
        """;

    private const string Cancelled =
        """
        WITH first AS (UPDATE orders SET status = 'cancelled' WHERE id = $1 AND status IN ('placed', 'reserved') RETURNING id),
        held AS (DELETE FROM reservations WHERE order_id = $1 AND EXISTS (SELECT FROM first) RETURNING sku),
        locked AS MATERIALIZED (SELECT sku FROM stock WHERE sku IN (SELECT sku FROM held) ORDER BY sku FOR UPDATE)
        UPDATE stock s SET reserved = reserved - 1 FROM locked WHERE s.sku = locked.sku
        """;

    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
    {
        MaxPoolSize = connections,
        MaxAutoPrepare = 16,
        AutoPrepareMinUsages = 2,
        NoResetOnClose = true,
        Timeout = 60,
    });

    public Task Start(CancellationToken cancellationToken) => Execute(Create, cancellationToken);

    public Task Stock(int products, long onHand, CancellationToken cancellationToken) => Execute(
        $"""
        INSERT INTO stock SELECT 'SKU-' || lpad(n::text, 6, '0'), {onHand}, 0, {SagaOrder.UnitPrice} FROM generate_series(0, {products} - 1) n;
        ANALYZE stock;
        """,
        cancellationToken);

    public async Task Accept(string order, string[] skus)
    {
        await using var command = Command(Accepted, order, skus);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The price of all lines; null when not every line could be held, and <see cref="Cancel"/> gives back what was.</summary>
    public async Task<long?> Reserve(string order, string[] skus)
    {
        await using (var reserve = Command(Reserved, order, skus)) await reserve.ExecuteNonQueryAsync();
        await using var read = Command(Held, order);
        await using var rows = await read.ExecuteReaderAsync();
        await rows.ReadAsync();
        return rows.GetInt64(0) == skus.Length ? rows.GetInt64(1) : null;
    }

    public async Task Complete(string order)
    {
        await using var command = Command(Completed, order);
        await command.ExecuteNonQueryAsync();
    }

    public async Task Cancel(string order)
    {
        await using var command = Command(Cancelled, order);
        await command.ExecuteNonQueryAsync();
    }

    internal static Task<SagaFacts> ReadFacts(string connectionString, CancellationToken cancellationToken) => FactsBySql.Read(
        connectionString,
        "SELECT id, status = 'completed', status = 'cancelled', units FROM orders",
        "SELECT coalesce(sum(on_hand), 0)::bigint, coalesce(sum(reserved), 0)::bigint, count(*) FILTER (WHERE on_hand < reserved) FROM stock",
        cancellationToken);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private NpgsqlCommand Command(string sql, params object[] values)
    {
        var command = _database.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        return command;
    }

    private async Task Execute(string sql, CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
