using System.Globalization;
using Npgsql;

namespace Holdfast.Lab.Sagas;

/// <summary>Goods against orders against money, after a run and from the database alone.</summary>
/// <param name="Accepted">Orders that the database knows.</param>
/// <param name="Open">Orders that have not ended.</param>
/// <param name="UnitsSold">Units that have left the stock.</param>
/// <param name="UnitsOfCompleted">Units of all lines of completed orders.</param>
/// <param name="Reserved">Units still held.</param>
/// <param name="ReservedForOpen">Units of all lines of open orders: the most that may be held.</param>
/// <param name="Oversold">Products with more units held than there are.</param>
/// <param name="Captured">Orders with a captured charge that was not refunded.</param>
/// <param name="ChargedNotDelivered">Those of them that are not completed.</param>
/// <param name="DeliveredNotCharged">Completed orders without one.</param>
/// <param name="ChargedTwice">Orders with more than one captured charge.</param>
internal sealed record SagaAudit(
    long Accepted,
    long Completed,
    long Cancelled,
    long Open,
    long UnitsSold,
    long UnitsOfCompleted,
    long Reserved,
    long ReservedForOpen,
    long Oversold,
    long Captured,
    long ChargedNotDelivered,
    long DeliveredNotCharged,
    long ChargedTwice)
{
    /// <summary>Units that have left the stock without a completed order; negative when completed orders took too few.</summary>
    public long UnitsAstray => UnitsSold - UnitsOfCompleted;

    /// <summary>Units that no order can still want.</summary>
    public long HeldByNobody => Math.Max(0, Reserved - ReservedForOpen);

    /// <summary>Null when everything agrees and nothing is left over, else what does not, in one line.</summary>
    public string? Wrong()
    {
        (string What, long Number)[] wrong =
        [
            ("orders open", Open),
            ("units gone without a completed order", UnitsAstray),
            ("units still reserved", Reserved),
            ("products oversold", Oversold),
            ("orders charged and not delivered", ChargedNotDelivered),
            ("orders delivered and not charged", DeliveredNotCharged),
            ("orders charged twice", ChargedTwice),
        ];
        var texts = wrong.Where(static one => one.Number != 0).Select(static one => string.Create(CultureInfo.InvariantCulture, $"{one.Number} {one.What}"));
        return string.Join(", ", texts) is { Length: > 0 } text ? text : null;
    }

    /// <param name="stocked">Units that the products had before the first order.</param>
    public static async Task<SagaAudit> Of(ISagaSystem system, string connectionString, long stocked, CancellationToken cancellationToken)
    {
        var facts = await system.ReadFacts(cancellationToken);
        var captures = await ReadCaptures(connectionString, cancellationToken);
        var completed = facts.Orders.Where(static order => order.End == OrderEnd.Completed).ToArray();
        var open = facts.Orders.Where(static order => order.End == OrderEnd.Open).ToArray();
        var delivered = completed.Select(static order => order.Id).ToHashSet(StringComparer.Ordinal);
        return new(
            facts.Orders.Count,
            completed.Length,
            facts.Orders.Count - completed.Length - open.Length,
            open.Length,
            stocked - facts.Stock.OnHand,
            completed.Sum(static order => order.Units),
            facts.Stock.Reserved,
            open.Sum(static order => order.Units),
            facts.Stock.Oversold,
            captures.Count,
            captures.Keys.Count(order => !delivered.Contains(order)),
            delivered.Count(order => !captures.ContainsKey(order)),
            captures.Values.Count(static charges => charges > 1));
    }

    /// <summary>How many captured charges each order has in the gateway's ledger that were not given back.</summary>
    private static async Task<Dictionary<string, long>> ReadCaptures(string connectionString, CancellationToken cancellationToken)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var command = database.CreateCommand(
            "SELECT order_id, count(*) FROM sandbox_gateway.charges WHERE status = 'captured' AND refunded < amount GROUP BY order_id");
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var captures = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await rows.ReadAsync(cancellationToken)) captures.Add(rows.GetString(0), rows.GetInt64(1));
        return captures;
    }
}
