using System.Net;
using Holdfast.Journal.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using PostgresDatabase = Holdfast.Journal.Postgres.PostgresDatabase;
using TestDatabase = Holdfast.Rig.PostgresDatabase;

namespace Holdfast.Tests.Journal;

/// <summary>What a silo's own row in the membership says to its lease.</summary>
public sealed class PostgresReadLeaseTests
{
    private const string Cluster = "lease";

    [PostgresFact]
    public async Task A_lease_begins_before_the_silo_joins_and_ends_when_its_row_is_dead_or_cleared_away()
    {
        await using var test = await TestDatabase.Create(TimeProvider.System);
        await using var database = new PostgresDatabase(test.ConnectionString);
        await PostgresSchema.Upgrade(database, default);
        var self = new Self();
        var lifecycle = new Lifecycle();
        using var lease = new PostgresReadLease(
            database, self, new Membership(), Options.Create(new ClusterOptions { ClusterId = Cluster }), NullLogger<PostgresReadLease>.Instance);
        lease.Participate(lifecycle);
        await lifecycle.Observer!.OnStart(default);
        try
        {
            await WaitUntil(lease, held: true, "before the silo joins");
            await test.Execute($"""
                INSERT INTO holdfast.membership (cluster, address, port, generation, name, host, status, proxy_port, started_at, alive_at)
                VALUES ('{Cluster}', '{self.SiloAddress.Endpoint.Address}', {self.SiloAddress.Endpoint.Port}, {self.SiloAddress.Generation}, 's', 'h', {(int)SiloStatus.Dead}, 0, now(), now())
                """);
            await WaitUntil(lease, held: false, "when its row is dead");
            await test.Execute($"UPDATE holdfast.membership SET status = {(int)SiloStatus.Active}");
            await WaitUntil(lease, held: true, "while its row is active");
            await test.Execute("DELETE FROM holdfast.membership");
            await WaitUntil(lease, held: false, "when its row is gone");
        }
        finally
        {
            await lifecycle.Observer.OnStop(default);
        }
    }

    private static Task WaitUntil(PostgresReadLease lease, bool held, string when) =>
        Eventually.True(() => lease.IsHeld == held, () => $"the lease should {(held ? "" : "not ")}be held {when}");

    private sealed class Self : ILocalSiloDetails
    {
        public string Name => "silo";

        public string ClusterId => Cluster;

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress { get; } = SiloAddress.New(IPAddress.Loopback, 11_111, 1);

        public SiloAddress GatewayAddress => SiloAddress;
    }

    private sealed class Membership : IClusterMembershipService
    {
        public ClusterMembershipSnapshot CurrentSnapshot => throw new NotSupportedException();

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => throw new NotSupportedException();

        public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<bool> TryKill(SiloAddress siloAddress) => throw new NotSupportedException();
    }

    private sealed class Lifecycle : ISiloLifecycle
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
}
