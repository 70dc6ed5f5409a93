using Holdfast.Journal;
using Holdfast.Journal.Writing;
using Holdfast.Outbox.Delivery;
using Holdfast.Outbox.Lanes;
using Holdfast.Outbox.Ownership;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Providers.Streams.Common;
using Orleans.Services;
using Orleans.Streams;

namespace Holdfast.Outbox.Streams;

/// <summary>
/// The outbox as an Orleans stream provider. Publishing means committing a row, so there is no way to publish through the
/// stream itself. Not rewindable: tokens count a receiver's arrivals and mean nothing to another receiver.
/// </summary>
public sealed class OutboxQueueAdapterFactory(
    string name,
    OutboxLanes lanes,
    IJournalStore store,
    FeedRunner feed,
    IOptions<OutboxOptions> options,
    TimeProvider clock,
    ILoggerFactory loggers)
    : IQueueAdapterFactory, IQueueAdapter, IQueueAdapterCache
{
    /// <summary>Batches that a lane's cache holds until its consumer has accepted them.</summary>
    private const int CachedBatches = 256;

    private readonly LaneQueueMapper _mapper = new();
    private readonly RepeatedFailures _unreadable = new(clock);

    public string Name => name;

    public bool IsRewindable => false;

    public StreamProviderDirection Direction => StreamProviderDirection.ReadOnly;

    public Task<IQueueAdapter> CreateAdapter() => Task.FromResult<IQueueAdapter>(this);

    public IQueueAdapterCache GetQueueAdapterCache() => this;

    public IStreamQueueMapper GetStreamQueueMapper() => _mapper;

    public Task<IStreamFailureHandler> GetDeliveryFailureHandler(QueueId queueId) =>
        Task.FromResult<IStreamFailureHandler>(new NoOpStreamDeliveryFailureHandler());

    public IQueueCache CreateQueueCache(QueueId queueId) => new SimpleQueueCache(CachedBatches, loggers.CreateLogger<SimpleQueueCache>());

    public IQueueAdapterReceiver CreateReceiver(QueueId queueId)
    {
        var lane = lanes[(int)queueId.GetNumericId()];
        return LaneNumbers.IsFeed(lane.Number)
            ? new FeedReceiver(lane, lanes.TakeOver, feed, clock)
            : new LaneReceiver(lane, lanes.TakeOver, store, options.Value, _unreadable, clock, loggers.CreateLogger<LaneReceiver>());
    }

    public Task QueueMessageBatchAsync<T>(
        StreamId streamId, IEnumerable<T> events, StreamSequenceToken? token, Dictionary<string, object>? requestContext) =>
        throw new NotSupportedException("A message is published by committing it with the change that causes it.");
}

/// <summary>Lane i is queue i.</summary>
internal sealed class LaneQueueMapper : IStreamQueueMapper
{
    private readonly QueueId[] _queues =
        [.. Enumerable.Range(0, LaneNumbers.Count).Select(static lane => QueueId.GetQueueId(LaneStreams.Provider, (uint)lane, (uint)lane))];

    public IEnumerable<QueueId> GetAllQueues() => _queues;

    public QueueId GetQueueForStream(StreamId streamId) => _queues[LaneStreams.LaneOf(streamId.GetKeyAsString())];
}

/// <summary>Messages of one lane that are delivered together.</summary>
[GenerateSerializer, Immutable, Alias("holdfast.LaneBatch")]
public sealed class LaneBatch(StreamId streamId, long arrival, LaneDelivery[] deliveries) : IBatchContainer
{
    [Id(0)]
    public StreamId StreamId { get; } = streamId;

    [Id(1)]
    public long Arrival { get; } = arrival;

    [Id(2)]
    public LaneDelivery[] Deliveries { get; } = deliveries;

    public StreamSequenceToken SequenceToken => new EventSequenceTokenV2(Arrival);

    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>()
    {
        var token = SequenceToken;
        return Deliveries.Cast<T>().Select(delivery => Tuple.Create(delivery, token));
    }

    public bool ImportRequestContext() => false;
}

public static class OutboxStreamsExtensions
{
    /// <summary>
    /// The pulling agent waits inside the receiver for the next message; its timer only restarts it after a registration or an
    /// error.
    /// </summary>
    private static readonly TimeSpan PullPeriod = TimeSpan.FromMilliseconds(10);

    /// <summary>Adds the outbox stream provider, its lanes and the writer that feeds them.</summary>
    public static ISiloBuilder AddOutboxStreams(this ISiloBuilder builder)
    {
        builder.Services.AddSingleton<LaneMap>();
        builder.Services.AddSingleton<LaneServiceClient>();
        builder.Services.AddSingleton<LaneNewsSender>();
        builder.Services.AddSingleton(CreateLanes);
        builder.Services.AddSingleton<ICommittedMessages>(services => services.GetRequiredService<OutboxLanes>());
        builder.Services.AddSingleton<JournalWriter>();
        builder.Services.AddSingleton<MessageRunner>();
        builder.Services.AddSingleton<FeedRunner>();
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, Departure>();

        // AddGrainService would name the service after the type of its interface.
        builder.Services.AddSingleton<IGrainService>(static services => ActivatorUtilities.CreateInstance<LaneService>(
            services, SystemTargetGrainId.Create(LaneServiceClient.ServiceType, SiloAddress.Zero).GrainId));
        return builder.AddPersistentStreams(
            LaneStreams.Provider,
            static (services, name) => ActivatorUtilities.CreateInstance<OutboxQueueAdapterFactory>(services, name),
            static configurator =>
            {
                configurator.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly);
                configurator.ConfigurePartitionBalancing(static (services, _) => ActivatorUtilities.CreateInstance<LaneQueueBalancer>(services));
                configurator.ConfigurePullingAgent(options => options.Configure(agent => agent.GetQueueMsgsTimerPeriod = PullPeriod));
            });
    }

    private static OutboxLanes CreateLanes(IServiceProvider services) => new(
        services.GetRequiredService<IJournalStore>(),
        services.GetRequiredService<LaneMap>(),
        services.GetRequiredService<LaneServiceClient>(),
        services.GetRequiredService<LaneNewsSender>(),
        services.GetRequiredService<IOptions<OutboxOptions>>(),
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILogger<OutboxLanes>>());

    /// <summary>Gives the lanes up before the streams stop, and long before grains end and the membership hears of it.</summary>
    private sealed class Departure(OutboxLanes lanes, FeedRunner feed) : ILifecycleParticipant<ISiloLifecycle>
    {
        public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
            nameof(OutboxLanes), ServiceLifecycleStage.Active + 1, static _ => Task.CompletedTask, Leave);

        private Task Leave(CancellationToken cancellationToken) => Task.WhenAll(lanes.Leave(cancellationToken), feed.Stop());
    }
}
