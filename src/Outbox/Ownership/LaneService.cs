using Holdfast.Outbox.Lanes;
using Microsoft.Extensions.Logging;

namespace Holdfast.Outbox.Ownership;

/// <summary>Hears what other silos have to say about lanes.</summary>
internal sealed class LaneService(GrainId id, Silo silo, ILoggerFactory loggers, OutboxLanes lanes, LaneMap map)
    : GrainService(id, silo, loggers), ILaneService
{
    public Task Hear(LaneNews news)
    {
        lanes.Hear(news);
        return Task.CompletedTask;
    }

    public Task<Guid[]> Yield(int lane, SiloAddress heir) => Task.FromResult(lanes.Yield(lane, heir));

    public Task Leaving(SiloAddress silo)
    {
        map.SetLeaving(silo);
        return Task.CompletedTask;
    }
}

/// <summary>Reaches the lane service of a given silo.</summary>
internal sealed class LaneServiceClient(IGrainFactory grains)
{
    /// <summary>
    /// What Orleans made of <c>Holdfast.Journal.Outbox.ILaneService</c>, as the interface was called first. It would make another one of
    /// another name, and silos of two releases would not find each other's services.
    /// </summary>
    public static readonly GrainType ServiceType = GrainType.Create("sys.svc.user.AE981D60");

    public ILaneService At(SiloAddress silo) => grains.GetGrain<ILaneService>(SystemTargetGrainId.Create(ServiceType, silo).GrainId);
}
