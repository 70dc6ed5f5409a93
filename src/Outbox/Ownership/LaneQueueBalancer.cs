using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Streams;

namespace Holdfast.Outbox.Ownership;

/// <summary>Tells Orleans which queues this silo pulls from: those of the lanes that <see cref="LaneMap"/> gives it.</summary>
internal sealed class LaneQueueBalancer : QueueBalancerBase
{
    private readonly IClusterMembershipService _membership;
    private readonly LaneMap _map;
    private QueueId[] _queues = [];

    public LaneQueueBalancer(IServiceProvider services, LaneMap map, ILogger<LaneQueueBalancer> logger)
        : base(services, logger)
    {
        _membership = services.GetRequiredService<IClusterMembershipService>();
        _map = map;
    }

    public override Task Initialize(IStreamQueueMapper queueMapper)
    {
        _queues = [.. queueMapper.GetAllQueues()];
        _map.SetActive(_membership.CurrentSnapshot.Members.Values
            .Where(static member => member.Status == SiloStatus.Active)
            .Select(static member => member.SiloAddress));
        _map.Changed += Notify;
        return base.Initialize(queueMapper);
    }

    public override Task Shutdown()
    {
        _map.Changed -= Notify;
        return base.Shutdown();
    }

    public override IEnumerable<QueueId> GetMyQueues() => _map.Mine.Select(lane => _queues[lane]);

    protected override void OnClusterMembershipChange(HashSet<SiloAddress> activeSilos) => _map.SetActive(activeSilos);

    private void Notify() => NotifyListeners().Ignore();
}
