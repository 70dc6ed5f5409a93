using Holdfast.Outbox.Lanes;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Services;

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
internal sealed class LaneServiceClient(IServiceProvider services) : GrainServiceClient<ILaneService>(services)
{
    public ILaneService At(SiloAddress silo) => GetGrainService(silo);
}
