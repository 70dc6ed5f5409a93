using Holdfast.Bench.Measuring;
using Holdfast.Bench.Plain;
using Holdfast.Outside.Sandbox;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Streams;

namespace Holdfast.Lab.Sagas.PlainOrleans;

/// <summary>
/// The saga as the Orleans documentation's own parts make it ("Grain persistence", "ADO.NET grain persistence", "Streams
/// implementation details": memory streams): grains that write their state before they answer, and steps that travel over memory
/// streams. On a crash the stream's messages are gone: an order stays where it was, and what it holds stays held.
/// </summary>
internal sealed class PlainOrleansSagas(string connectionString, TimeProvider clock) : ISagaSystem
{
    public const string Storage = "plain";
    public const string Streams = "steps";

    /// <summary>Each delivers one step at a time, so there are as many as callers; one an order would cost a registration each.</summary>
    public const int Lanes = 256;

    private const int Queues = 8;

    private static readonly TimeSpan PullPeriod = TimeSpan.FromMilliseconds(5);

    private readonly OrderEnds _ends = new(clock);
    private readonly OrleansStorage _storage = new(connectionString);
    private BenchSilo? _silo;

    public async Task Start(CancellationToken cancellationToken)
    {
        await _storage.CreateTables(cancellationToken);
        _silo = await BenchSilo.Start(Configure, cancellationToken);
    }

    public Task Stock(int products, long onHand, CancellationToken cancellationToken) => Products.ForEach(
        products, number => _silo!.Grains.GetGrain<IStreamedStock>(SagaOrder.Sku(number)).Open(onHand), cancellationToken);

    public Task<OrderEnd> PlaceAndWait(SagaOrder order) =>
        _ends.WaitFor(order.Id, () => _silo!.Grains.GetGrain<IStreamedOrder>(order.Id).Place(order));

    public Task<SagaFacts> ReadFacts(CancellationToken cancellationToken) => FactsBySql.Read(
        connectionString,
        """
        SELECT stream, state->>'Status' = 'Completed', state->>'Status' = 'Cancelled', (state->>'Units')::bigint
        FROM (SELECT stream, convert_from(payload, 'UTF8')::jsonb AS state FROM holdfast.snapshots WHERE type LIKE '%streamed-order') orders
        """,
        """
        SELECT coalesce(sum(on_hand), 0)::bigint, coalesce(sum(reserved), 0)::bigint, count(*) FILTER (WHERE on_hand < reserved)
        FROM (
            SELECT (state->>'OnHand')::bigint AS on_hand, (state->>'Reserved')::bigint AS reserved
            FROM (SELECT convert_from(payload, 'UTF8')::jsonb AS state FROM holdfast.snapshots WHERE type LIKE '%streamed-stock') payloads) stock
        """,
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null) await _silo.DisposeAsync();
        await _storage.DisposeAsync();
    }

    private void Configure(ISiloBuilder silo)
    {
        silo.Services.AddSingleton(_ends);
        silo.Services.AddSandboxGateway(gateway => gateway.ConnectionString = connectionString);
        _storage.AddTo(silo, Storage);
        silo.AddMemoryStreams(Streams, streams =>
        {
            streams.ConfigurePartitioning(Queues);
            streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly);
            streams.ConfigurePullingAgent(agent => agent.Configure(static options => options.GetQueueMsgsTimerPeriod = PullPeriod));
        });
    }
}
