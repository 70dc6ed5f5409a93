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
        await using var running = await Running.Start(database);
        var lease = running.Lease;

        await WaitUntil(lease, held: true, "before the silo joins");
        await test.Execute(Member(Self.Address, SiloStatus.Dead));
        await WaitUntil(lease, held: false, "when its row is dead");
        await test.Execute($"UPDATE holdfast.membership SET status = {(int)SiloStatus.Active}");
        await WaitUntil(lease, held: true, "while its row is active");
        await test.Execute("DELETE FROM holdfast.membership");
        await WaitUntil(lease, held: false, "when its row is gone");
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
        var dead = SiloAddress.New(IPAddress.Loopback, 9, 9);
        await test.Execute(Member(dead, SiloStatus.Dead));
        await test.Execute(
            $"INSERT INTO holdfast.silo_beats (cluster, silo, beat, at, sessions) VALUES ('{Cluster}', '{dead.ToParsableString()}', 7, now(), '{paused.Sessions}')");
        await using (await Running.Start(database))
        {
            var append = new Append("a/1", 0, Guid.NewGuid(), DateTimeOffset.UnixEpoch, 1, "[]"u8.ToArray(), [], []);
            await Eventually.True(
                () => Task.Run(async () => (await store.Commit([append], [])).Appends is [AppendStatus.Committed]),
                () => "the key of a dead silo's half commit should be free");
        }

        await Assert.ThrowsAnyAsync<NpgsqlException>(async () =>
        {
            await using var rest = new NpgsqlCommand("COMMIT", session);
            await rest.ExecuteNonQueryAsync();
        });
    }

    /// <summary>The statement that makes a silo a member.</summary>
    private static string Member(SiloAddress silo, SiloStatus status) =>
        $"""
        INSERT INTO holdfast.membership (cluster, address, port, generation, name, host, status, proxy_port, started_at, alive_at)
        VALUES ('{Cluster}', '{silo.Endpoint.Address}', {silo.Endpoint.Port}, {silo.Generation}, 's', 'h', {(int)status}, 0, now(), now())
        """;

    private static Task WaitUntil(PostgresReadLease lease, bool held, string when) =>
        Eventually.True(() => lease.IsHeld == held, () => $"the lease should {(held ? "" : "not ")}be held {when}");

    /// <summary>A lease between its silo's start and stop.</summary>
    private sealed class Running : IAsyncDisposable
    {
        private readonly Lifecycle _lifecycle = new();

        private Running(PostgresDatabase database)
        {
            Lease = new(
                database, new Self(), new Membership(), Options.Create(new ClusterOptions { ClusterId = Cluster }), NullLogger<PostgresReadLease>.Instance);
            Lease.Participate(_lifecycle);
        }

        public PostgresReadLease Lease { get; }

        public static async Task<Running> Start(PostgresDatabase database)
        {
            var running = new Running(database);
            await running._lifecycle.Observer!.OnStart(default);
            return running;
        }

        public async ValueTask DisposeAsync()
        {
            await _lifecycle.Observer!.OnStop(default);
            Lease.Dispose();
        }
    }

    private sealed class Self : ILocalSiloDetails
    {
        public static readonly SiloAddress Address = SiloAddress.New(IPAddress.Loopback, 11_111, 1);

        public string Name => "silo";

        public string ClusterId => Cluster;

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress => Address;

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
