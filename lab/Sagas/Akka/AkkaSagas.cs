using Akka.Actor;
using Akka.Hosting;
using Akka.Persistence.Hosting;
using Akka.Persistence.Query;
using Akka.Persistence.Sql.Hosting;
using Akka.Persistence.Sql.Query;
using Akka.Streams;
using Holdfast.Bench.Measuring;
using Holdfast.Domain.Orders.Payments;
using Holdfast.Outside.Sandbox;
using LinqToDB;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Holdfast.Lab.Sagas.Akka;

/// <summary>
/// Persistent actors on Akka.Persistence.Sql, one a product and one an order, with children per entity below a parent, as Akka.NET's
/// "Persistence" and "At-Least-Once Delivery" pages and the plugin's README have it: events are stored before an actor answers, and an
/// order repeats what it asked until it is answered. On a crash nobody wakes an actor up by itself: at its start the program reads the
/// journal ("Persistence Query") and wakes the orders that have not ended, each of which goes on from its last event.
/// </summary>
internal sealed class AkkaSagas(string connectionString) : ISagaSystem
{
    /// <summary>
    /// The plugin's own numbers are for a database far away and for less at once: "larger batches may be better if you have a
    /// fast/local DB", and more pending writes than the buffer holds are refused.
    /// </summary>
    private const string Tuning =
        """
        akka.persistence.journal.sql { batch-size = 400, buffer-size = 100000, parallelism = 4 }
        akka.persistence.max-concurrent-recoveries = 200
        akka.persistence.snapshot-store.plugin = "akka.persistence.no-snapshot-store"
        akka.log-config-on-start = off
        """;

    private const int Connections = 32;

    private IHost? _host;

    public async Task Start(CancellationToken cancellationToken)
    {
        var builder = SagaHosting.NewHost();
        builder.Services.AddSandboxGateway(gateway => gateway.ConnectionString = connectionString);
        var pooled = new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = Connections, MaxAutoPrepare = 16, Timeout = 60 }.ConnectionString;
        builder.Services.AddAkka("sagas", (akka, services) => akka
            .ConfigureLoggers(static log =>
            {
                log.LogLevel = global::Akka.Event.LogLevel.WarningLevel;
                log.ClearLoggers();
                log.AddLoggerFactory();
            })
            .AddHocon(Tuning, HoconAddMode.Prepend)
            .WithSqlPersistence(pooled, ProviderName.PostgreSQL15, PersistenceMode.Journal)
            .WithCustomSerializer("saga-events", [typeof(ISagaEvent)], static system => new SagaEventSerializer(system))
            .WithActors((system, registry) =>
            {
                var stock = system.ActorOf(Props.Create(() => new EntityParent(StockActor.Props)), "stock");
                var gateway = services.GetRequiredService<IPaymentGateway>();
                var orders = system.ActorOf(Props.Create(() => new EntityParent(id => OrderActor.Props(id, stock, gateway))), "orders");
                registry.Register<StockActor>(stock);
                registry.Register<OrderActor>(orders);
            }));
        _host = builder.Build();
        await _host.StartAsync(cancellationToken);
        await WakeOrders();
    }

    public Task Stock(int products, long onHand, CancellationToken cancellationToken) => Products.ForEach(
        products,
        async number => await Parent<StockActor>().Ask<StockActor.Done>(
            new StockActor.Open(SagaOrder.Sku(number), onHand), SagaOrder.Patience, cancellationToken),
        cancellationToken);

    public async Task<OrderEnd> PlaceAndWait(SagaOrder order)
    {
        try
        {
            return (await Parent<OrderActor>().Ask<OrderActor.Ended>(new OrderActor.Place(order), SagaOrder.Patience)).End;
        }
        catch (AskTimeoutException e)
        {
            throw new TimeoutException($"{order.Id} did not end.", e);
        }
    }

    public Task<SagaFacts> ReadFacts(CancellationToken cancellationToken) => FactsBySql.Read(
        connectionString,
        """
        SELECT persistence_id, bool_or(manifest = 'order-completed'), bool_or(manifest = 'order-cancelled'),
            sum(CASE manifest WHEN 'order-placed' THEN jsonb_array_length(convert_from(message, 'UTF8')::jsonb->'Order'->'Skus') END)::bigint
        FROM journal WHERE persistence_id LIKE 'ord\_%' GROUP BY persistence_id
        """,
        """
        WITH happened AS MATERIALIZED (
            SELECT persistence_id AS sku, manifest, convert_from(message, 'UTF8')::jsonb AS event FROM journal WHERE persistence_id LIKE 'SKU-%'),
        product AS (
            SELECT sku,
                sum(CASE manifest WHEN 'stock-opened' THEN (event->>'OnHand')::bigint WHEN 'stock-sold' THEN -1 ELSE 0 END) AS on_hand,
                sum(CASE manifest WHEN 'stock-held' THEN 1 WHEN 'stock-sold' THEN -1 WHEN 'stock-released' THEN -1 ELSE 0 END) AS reserved
            FROM happened GROUP BY sku)
        SELECT coalesce(sum(on_hand), 0)::bigint, coalesce(sum(reserved), 0)::bigint, count(*) FILTER (WHERE on_hand < reserved) FROM product
        """,
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await SagaHosting.Stop(_host);
    }

    private IActorRef Parent<T>() => _host!.Services.GetRequiredService<ActorRegistry>().Get<T>();

    /// <summary>Reads the whole journal once: cheaper than waking every order that there ever was.</summary>
    private async Task WakeOrders()
    {
        var system = _host!.Services.GetRequiredService<ActorSystem>();
        var open = await PersistenceQuery.Get(system).ReadJournalFor<SqlReadJournal>("akka.persistence.query.journal.sql")
            .CurrentAllEvents(Offset.NoOffset())
            .RunAggregate(new HashSet<string>(StringComparer.Ordinal), Fold, system.Materializer());
        foreach (var id in open) Parent<OrderActor>().Tell(new OrderActor.Wake(id));
    }

    private static HashSet<string> Fold(HashSet<string> open, EventEnvelope stored)
    {
        if (stored.Event is OrderPlaced) open.Add(stored.PersistenceId);
        else if (stored.Event is OrderCompleted or OrderCancelled) open.Remove(stored.PersistenceId);
        return open;
    }
}
