using System.Collections.Concurrent;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders.Payments;
using Holdfast.Grains;
using Holdfast.Journal;
using Holdfast.Journal.Sqlite;
using Holdfast.Outbox.Delivery;
using Holdfast.Outbox.Lanes;
using Holdfast.Rings.Cluster;
using Holdfast.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.TestingHost;

namespace Holdfast.Rings.Outbox;

/// <summary>Several silos in one process on one store, which outlives each of them.</summary>
internal sealed class LaneCluster : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly SqliteJournalStore _store;
    private InProcessTestCluster _cluster = null!;

    private LaneCluster(SqliteJournalStore store) => _store = store;

    public IJournalStore Store => _store;

    public Doors Doors { get; } = new();

    public MemoryGateway Gateway { get; } = new();

    /// <summary>Runs of each handler, by <c>stream type</c>.</summary>
    public ConcurrentDictionary<string, int> Runs { get; } = new();

    public IReadOnlyList<InProcessSiloHandle> Silos => [.. _cluster.Silos];

    public static async Task<LaneCluster> Start(string directory, short silos, Action<OutboxOptions>? configure = null)
    {
        var store = new SqliteJournalStore(new(directory), TimeProvider.System, NullLogger<SqliteJournalStore>.Instance);
        await store.Initialize(CancellationToken.None);
        var lanes = new LaneCluster(store);
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddHoldfastGrains();

            // An instance of the test's own: a silo that ends does not take it along.
            silo.Services.AddSingleton<IJournalStore>(store);
            silo.Services.AddSingleton<IReadLease, EmbeddedReadLease>();
            silo.Services.AddSingleton<ISnapshots, NoSnapshots>();
            silo.Services.AddSingleton<IPaymentGateway>(lanes.Gateway);
            silo.Services.Decorate<IMessageHandler>(inner => new CountingHandler(new DoorHandler(inner, lanes.Doors), lanes.Runs));
            if (configure is not null) silo.Services.Configure(configure);
        });
        lanes._cluster = builder.Build();
        await lanes._cluster.DeployAsync();
        return lanes;
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _store.DisposeAsync();
    }

    public Task Add() => _cluster.StartAdditionalSiloAsync();

    public Task Stop(InProcessSiloHandle silo) => _cluster.StopSiloAsync(silo);

    public Task Kill(InProcessSiloHandle silo) => _cluster.KillSiloAsync(silo);

    public static OutboxLanes LanesOf(InProcessSiloHandle silo) => silo.ServiceProvider.GetRequiredService<OutboxLanes>();

    /// <summary>Waits until each lane is owned by one silo, and each class is spread evenly.</summary>
    public Task Settled() => Eventually.True(
        () =>
        {
            var owned = Silos.Select(silo => LanesOf(silo).Health).ToArray();
            return owned.All(health => health.IsReady && health.Owned.SequenceEqual(health.Assigned))
                && owned.SelectMany(health => health.Owned).Order().SequenceEqual(Enumerable.Range(0, LaneNumbers.Count))
                && LaneNumbers.Classes.All(laneClass => IsEven(laneClass, owned));
        },
        () => $"every lane should have one owner: {string.Join(" | ", Silos.Select(silo => string.Join(' ', LanesOf(silo).Health.Owned)))}");

    public async Task CreateProduct(string sku, long onHand)
    {
        var product = _cluster.Client.GetGrain<IProductInventory>(sku);
        await Repeat(() => product.PutDetails(new(new(PublicId.Derive("put", sku), 1), sku, new(250, "GBP"), null, false)).AsTask());
        await Repeat(() => product.Adjust(new(new(PublicId.Derive("adjust", sku), 1), onHand, "received", null)).AsTask());
    }

    public async Task<(long OnHand, long Reserved)> Stock(string sku)
    {
        var stock = await Repeat(() => _cluster.Client.GetGrain<IProductInventory>(sku).ReadStock().AsTask());
        return (stock!.OnHand, stock.Reserved);
    }

    public async Task Place(string id, string sku)
    {
        Assert.True(PublicId.TryParse(PublicId.Order, id, out var operation));
        var command = new PlaceOrder(new(operation, 1), "customer", [new(sku, 1)], "tok_ok");
        var placed = await Repeat(() => _cluster.Client.GetGrain<IOrderSaga>(id).Place(command).AsTask());
        Assert.Equal(PlaceOrderStatus.Placed, placed.Status);
    }

    public async Task<Order> End(string id)
    {
        var until = TimeProvider.System.GetUtcNow() + Patience;
        while (true)
        {
            var order = await Repeat(() => _cluster.Client.GetGrain<IOrderSaga>(id).WaitForEnd(TimeSpan.FromSeconds(5)).AsTask());
            if (order is { Ended: true } or { Status: OrderStatus.NeedsAttention }) return order;
            Assert.True(TimeProvider.System.GetUtcNow() < until, $"The order should have ended but is {order}.");
        }
    }

    /// <summary>Waits until no lane has a row any more.</summary>
    public async Task OutboxEmpty()
    {
        var until = TimeProvider.System.GetUtcNow() + Patience;
        for (var lane = 0; lane < LaneNumbers.Count; lane++)
        {
            while (await Store.ReadDue(lane, DateTimeOffset.MaxValue, default, 1, CancellationToken.None) is [var row, ..])
            {
                Assert.True(TimeProvider.System.GetUtcNow() < until, $"The outbox should be empty but has {row}.");
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
            }
        }
    }

    private static bool IsEven(LaneClass laneClass, LanesHealth[] silos)
    {
        var (first, count) = LaneNumbers.Of(laneClass);
        var owned = silos.Select(health => health.Owned.Count(lane => lane >= first && lane < first + count)).ToArray();
        return owned.Max() - owned.Min() <= 1;
    }

    /// <summary>Repeats what is safe to repeat while silos come and go.</summary>
    private static async Task<T> Repeat<T>(Func<Task<T>> call)
    {
        var until = TimeProvider.System.GetUtcNow() + Patience;
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception exception) when (exception is RetryableException or OrleansException or TimeoutException)
            {
                Assert.True(TimeProvider.System.GetUtcNow() < until, $"A call should have been answered: {exception}");
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
            }
        }
    }

    private sealed class CountingHandler(IMessageHandler inner, ConcurrentDictionary<string, int> runs) : IMessageHandler
    {
        public string Type => inner.Type;

        public Task Handle(OutboxMessage message, CancellationToken cancellationToken)
        {
            runs.AddOrUpdate($"{message.Stream} {Type}", 1, static (_, before) => before + 1);
            return inner.Handle(message, cancellationToken);
        }

        public Task GiveUp(OutboxMessage message, string error, CancellationToken cancellationToken) => inner.GiveUp(message, error, cancellationToken);
    }

    private sealed class NoSnapshots : ISnapshots
    {
        public Task<Snapshot?> Read(string stream) => Task.FromResult<Snapshot?>(null);

        public Task<Snapshot> Write(string stream, Snapshot snapshot) => Task.FromResult(snapshot with { ETag = "1" });

        public Task Erase(string stream) => Task.CompletedTask;
    }
}

/// <summary>Captures whatever it is asked to, once an order.</summary>
internal sealed class MemoryGateway : IPaymentGateway
{
    private readonly ConcurrentDictionary<string, ChargeResult> _charges = new();

    public int Captures => _charges.Count;

    public Task<ChargeResult> Charge(ChargeRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(_charges.GetOrAdd(request.OrderId, new ChargeResult(ChargeStatus.Captured, $"ch {request.OrderId}", request.Amount)));

    public Task<RefundResult> Refund(RefundRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ChargeResult?> Find(string orderId, CancellationToken cancellationToken) => Task.FromResult(_charges.GetValueOrDefault(orderId));
}
