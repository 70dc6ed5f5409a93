using System.Collections.Immutable;
using System.Net;

namespace Holdfast.Tests.Silo.Cluster;

/// <summary>The silo under test.</summary>
internal sealed class Self : ILocalSiloDetails
{
    public static readonly SiloAddress Address = SiloAddress.New(IPAddress.Loopback, 11_111, 1);

    public string Name => "silo";

    public string ClusterId => "cluster";

    public string DnsHostName => "localhost";

    public SiloAddress SiloAddress => Address;

    public SiloAddress GatewayAddress => SiloAddress;
}

/// <summary>A membership that fails in everything that it is asked to do, and counts it.</summary>
internal sealed class Membership : IClusterMembershipService
{
    private int _refreshes;
    private int _kills;

    public ClusterMembershipSnapshot CurrentSnapshot { get; private set; } = new(ImmutableDictionary<SiloAddress, ClusterMember>.Empty, MembershipVersion.MinValue);

    public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => throw new NotSupportedException();

    public int Refreshes => Volatile.Read(ref _refreshes);

    public int Kills => Volatile.Read(ref _kills);

    public void Knows(SiloAddress silo, SiloStatus status) =>
        CurrentSnapshot = new(CurrentSnapshot.Members.SetItem(silo, new ClusterMember(silo, status, "s")), MembershipVersion.MinValue);

    public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _refreshes);
        throw new OrleansException("away");
    }

    public Task<bool> TryKill(SiloAddress siloAddress)
    {
        Interlocked.Increment(ref _kills);
        throw new OrleansException("away");
    }
}

/// <summary>Keeps what subscribes to it.</summary>
internal sealed class Lifecycle : ISiloLifecycle
{
    public int HighestCompletedStage => 0;

    public int LowestStoppedStage => 0;

    public ILifecycleObserver? Observer { get; private set; }

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        Observer = observer;
        return Stream.Null;
    }
}
