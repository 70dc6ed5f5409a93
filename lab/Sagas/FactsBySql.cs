using Npgsql;

namespace Holdfast.Lab.Sagas;

/// <summary>Reads a system's facts with two statements.</summary>
internal static class FactsBySql
{
    /// <summary>Statements over everything that a run has stored, which nobody has prepared an index for.</summary>
    private const int PatienceSeconds = 300;

    /// <param name="orders">Gives id, whether it is completed, whether it is cancelled, units.</param>
    /// <param name="stock">Gives units on hand, units reserved and products oversold, over all products.</param>
    public static async Task<SagaFacts> Read(string connectionString, string orders, string stock, CancellationToken cancellationToken)
    {
        await using var database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(connectionString) { CommandTimeout = PatienceSeconds });
        return new(await ReadOrders(database, orders, cancellationToken), await ReadStock(database, stock, cancellationToken));
    }

    private static async Task<List<OrderFact>> ReadOrders(NpgsqlDataSource database, string sql, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var orders = new List<OrderFact>();
        while (await rows.ReadAsync(cancellationToken))
        {
            var end = rows.GetBoolean(1) ? OrderEnd.Completed : rows.GetBoolean(2) ? OrderEnd.Cancelled : OrderEnd.Open;
            orders.Add(new(rows.GetString(0), end, rows.GetInt64(3)));
        }

        return orders;
    }

    private static async Task<StockFacts> ReadStock(NpgsqlDataSource database, string sql, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        await rows.ReadAsync(cancellationToken);
        return new(rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2));
    }
}
