using Holdfast.Bench;
using Holdfast.Bench.Measuring;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Silo;
using PostgresDatabase = Holdfast.Journal.Postgres.PostgresDatabase;

namespace Holdfast.Lab.Sagas.Holdfast;

/// <summary>
/// The product: one silo as it is hosted everywhere, asked through its grains. On a crash the messages of its outbox are rows, and
/// the next process delivers them; handlers that had run before find nothing to do.
/// </summary>
internal sealed class HoldfastSagas(string connectionString) : ISagaSystem
{
    private readonly PostgresDatabase _database = new(connectionString);
    private BenchSilo? _silo;

    public async Task Start(CancellationToken cancellationToken) =>
        _silo = await BenchSilo.Start(silo => silo.AddHoldfast(_database), cancellationToken);

    public Task Stock(int products, long onHand, CancellationToken cancellationToken) => Products.ForEach(
        products,
        async number =>
        {
            var sku = SagaOrder.Sku(number);
            var product = _silo!.Grains.GetGrain<IProductInventory>(sku);
            await product.PutDetails(new(new(Guid.NewGuid(), 1), sku, new(SagaOrder.UnitPrice, SagaOrder.Currency), null, IfAbsent: false));
            await product.Adjust(new(new(Guid.NewGuid(), 1), onHand, "received", null));
        },
        cancellationToken);

    public async Task<OrderEnd> PlaceAndWait(SagaOrder order)
    {
        if (!PublicId.TryParse(PublicId.Order, order.Id, out var id)) throw new ArgumentException($"'{order.Id}' is no order's id.", nameof(order));
        var saga = _silo!.Grains.GetGrain<IOrderSaga>(order.Id);
        await saga.Place(new(new(id, 1), "customer-1", [.. order.Skus.Select(static sku => new OrderLine(sku, 1))], order.PaymentToken));
        return (await saga.WaitForEnd(SagaOrder.Patience))?.Status switch
        {
            OrderStatus.Completed => OrderEnd.Completed,
            OrderStatus.Cancelled => OrderEnd.Cancelled,
            OrderStatus.NeedsAttention => throw new BenchException($"{order.Id} needs attention."),
            _ => throw new TimeoutException($"{order.Id} did not end within {SagaOrder.Patience.TotalSeconds} s."),
        };
    }

    public Task<SagaFacts> ReadFacts(CancellationToken cancellationToken) => FactsBySql.Read(
        connectionString,
        """
        SELECT substr(stream, 7), bool_or(e->>'type' = 'order.completed'), bool_or(e->>'type' = 'order.cancelled'),
            sum((SELECT sum((line->>'quantity')::bigint) FROM jsonb_array_elements(e->'lines') line))::bigint
        FROM holdfast.journal, jsonb_array_elements(events::jsonb) e
        WHERE stream LIKE 'order/%' GROUP BY stream
        """,
        """
        WITH happened AS MATERIALIZED (
            SELECT stream, e->>'type' AS type, (e->>'id')::uuid AS id, (e->>'quantity')::bigint AS quantity, (e->>'delta')::bigint AS delta
            FROM holdfast.journal, jsonb_array_elements(events::jsonb) e WHERE stream LIKE 'product/%'),
        held AS (
            SELECT stream, sum(quantity) AS quantity FROM happened h
            WHERE type = 'stock.reserved'
                AND NOT EXISTS (SELECT FROM happened e WHERE e.id = h.id AND e.type IN ('stock.committed', 'stock.released'))
            GROUP BY stream),
        product AS (
            SELECT stream, sum(CASE type WHEN 'stock.adjusted' THEN delta WHEN 'stock.committed' THEN -quantity WHEN 'stock.returned' THEN quantity END) AS on_hand
            FROM happened GROUP BY stream)
        SELECT coalesce(sum(on_hand), 0)::bigint, coalesce(sum(quantity), 0)::bigint, count(*) FILTER (WHERE on_hand < coalesce(quantity, 0))
        FROM product LEFT JOIN held USING (stream)
        """,
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null) await _silo.DisposeAsync();
        await _database.DisposeAsync();
    }
}
