using System.Net;
using Holdfast.Journal;
using Holdfast.Journal.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
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

    [PostgresFact]
    public async Task A_commit_that_a_dead_silo_has_sent_by_half_does_not_keep_its_keys_from_the_living()
    {
        await using var test = await TestDatabase.Create(TimeProvider.System);
        await using var database = new PostgresDatabase(test.ConnectionString);
        await PostgresSchema.Upgrade(database, default);
        await using var store = new PostgresJournalStore(database, new(), TimeProvider.System, NullLogger<PostgresJournalStore>.Instance);

        // A process that stands still in the middle of a send: the server waits for the rest, and no limit of its own ends that.
        await using var paused = new PostgresDatabase(test.ConnectionString);
        await using var session = await paused.Journal.OpenConnectionAsync();
        await using var half = new NpgsqlCommand(
            """
            SET idle_in_transaction_session_timeout = 0;
            BEGIN;
            INSERT INTO journal (stream, first, last, append_id, recorded_at, events) VALUES ('a/1', 1, 1, gen_random_uuid(), now(), '[]')
            """,
            session);
        await half.ExecuteNonQueryAsync();
        await test.Execute($"""
            INSERT INTO holdfast.membership (cluster, address, port, generation, name, host, status, proxy_port, started_at, alive_at)
            VALUES ('{Cluster}', '127.0.0.1', 9, 9, 's', 'h', {(int)SiloStatus.Dead}, 0, now(), now());
            INSERT INTO holdfast.silo_beats (cluster, silo, beat, at, sessions) VALUES ('{Cluster}', '127.0.0.1:9@9', 7, now(), '{paused.Sessions}')
            """);
        var lifecycle = new Lifecycle();
        using var lease = new PostgresReadLease(
            database, new Self(), new Membership(), Options.Create(new ClusterOptions { ClusterId = Cluster }), NullLogger<PostgresReadLease>.Instance);
        lease.Participate(lifecycle);
        await lifecycle.Observer!.OnStart(default);
        try
        {
            var append = new Append("a/1", 0, Guid.NewGuid(), DateTimeOffset.UnixEpoch, 1, "[]"u8.ToArray(), [], []);
            await Eventually.True(
                () => Task.Run(async () => (await store.Commit([append], [])).Appends is [AppendStatus.Committed]),
                () => "the key of a dead silo's half commit should be free");
        }
        finally
        {
            await lifecycle.Observer.OnStop(default);
        }

        await Assert.ThrowsAnyAsync<NpgsqlException>(async () =>
        {
            await using var rest = new NpgsqlCommand("COMMIT", session);
            await rest.ExecuteNonQueryAsync();
        });
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
