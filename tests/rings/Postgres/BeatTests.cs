using System.Net;
using System.Net.Sockets;
using Holdfast.Journal;
using Holdfast.Journal.Postgres;
using Holdfast.Silo.Cluster;
using Holdfast.Tests;
using Holdfast.Tests.Silo.Cluster;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using JumpingClock = Holdfast.Rings.Cluster.JumpingClock;
using PostgresDatabase = Holdfast.Journal.Postgres.PostgresDatabase;
using TestDatabase = Holdfast.Rig.PostgresDatabase;

namespace Holdfast.Rings.Postgres;

/// <summary>A silo's beats in a database that others share, and what follows from what they find there.</summary>
public sealed class BeatTests
{
    private const string Cluster = "lease";

    private static readonly SiloAddress Other = SiloAddress.New(IPAddress.Loopback, 9, 9);

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
    public async Task A_silo_whose_machine_is_half_a_minute_fast_takes_its_time_from_the_database()
    {
        await using var test = await TestDatabase.Create(TimeProvider.System);
        await using var database = new PostgresDatabase(test.ConnectionString);
        await PostgresSchema.Upgrade(database, default);
        var machine = new JumpingClock();
        machine.Jump(TimeSpan.FromSeconds(31));
        var clock = new ClusterClock(machine);
        await using var running = await Running.Start(database, clock);
        await Eventually.True(() => clock.Skew > TimeSpan.FromSeconds(30), static () => "the silo should have found out how fast its machine is, before it is a member");
        Assert.InRange((clock.GetUtcNow() - TimeProvider.System.GetUtcNow()).TotalSeconds, -2, 2);
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
        await test.Execute(Member(Other, SiloStatus.Dead));
        await test.Execute(BeatOf(Other, paused.Sessions));
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

    [PostgresFact]
    public async Task The_sessions_of_a_silo_that_had_fallen_silent_end_with_its_death()
    {
        await using var test = await TestDatabase.Create(TimeProvider.System);
        await using var database = new PostgresDatabase(test.ConnectionString);
        await PostgresSchema.Upgrade(database, default);
        await using var paused = new PostgresDatabase(test.ConnectionString);
        await using var session = await paused.Journal.OpenConnectionAsync();
        await test.Execute(Member(Self.Address, SiloStatus.Active));
        await test.Execute(Member(Other, SiloStatus.Active));
        await test.Execute(BeatOf(Other, paused.Sessions));
        await using var running = await Running.Start(database);
        var before = await Beats(test, 3 + BeatsOf(Budgets.Suspicion));

        await test.Execute($"UPDATE holdfast.membership SET status = {(int)SiloStatus.Dead} WHERE port = {Other.Endpoint.Port}");
        await Eventually.True(
            async () => await test.Execute($"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{paused.Sessions}'") is 0L,
            () => "the session of the dead silo should have ended");

        // One that might have something left to write is given ten.
        Assert.InRange(await Beats(test, before) - before, 0, BeatsOf(Budgets.Silence) - 2);
    }

    [PostgresFact]
    public async Task A_silo_that_hears_of_a_death_from_the_database_only_has_the_membership_read_anew()
    {
        await using var test = await TestDatabase.Create(TimeProvider.System);
        await using var database = new PostgresDatabase(test.ConnectionString);
        await PostgresSchema.Upgrade(database, default);
        await test.Execute(Member(Self.Address, SiloStatus.Active));
        await test.Execute(Member(Other, SiloStatus.Dead));
        await using var running = await Running.Start(database);
        running.Membership.Knows(Other, SiloStatus.Active);

        // Each attempt fails, as when the database is away.
        await Eventually.True(() => running.Membership.Refreshes >= 2, () => "the membership should have been read, and again");
        Assert.Equal(0, running.Membership.Kills);
    }

    [PostgresFact]
    public async Task A_silo_whose_process_has_ended_is_declared_dead_by_members_only()
    {
        await using var test = await TestDatabase.Create(TimeProvider.System);
        await using var database = new PostgresDatabase(test.ConnectionString);
        await PostgresSchema.Upgrade(database, default);
        await test.Execute(Member(Other, SiloStatus.Active));
        await test.Execute(BeatOf(Other, ""));
        await using var running = await Running.Start(database);
        await Beats(test, 2 + BeatsOf(Budgets.Suspicion));
        Assert.Equal(0, running.Membership.Kills);

        await test.Execute(Member(Self.Address, SiloStatus.Active));
        await Eventually.True(() => running.Membership.Kills > 0, () => "the silo should have been declared dead");
    }

    [PostgresFact]
    public async Task A_silent_silo_is_declared_dead_until_it_is()
    {
        await using var test = await TestDatabase.Create(TimeProvider.System);
        await using var database = new PostgresDatabase(test.ConnectionString);
        await PostgresSchema.Upgrade(database, default);

        // Somebody listens there: it stands still.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await test.Execute(Member(Self.Address, SiloStatus.Active));
        await test.Execute(Member(SiloAddress.New((IPEndPoint)listener.LocalEndpoint, 9), SiloStatus.Active));
        await using var running = await Running.Start(database);

        // Each attempt fails, as when another change of the membership came first.
        await Eventually.True(() => running.Membership.Kills > 0, () => "the silent silo should have been declared dead");
        var beats = await Beats(test, 1);
        await Eventually.True(() => running.Membership.Kills > 1, () => "the silent silo should have been declared dead again");
        Assert.InRange(await Beats(test, beats) - beats, 0, BeatsOf(Budgets.Silence) - 2);
    }

    [PostgresFact]
    public async Task A_silo_that_could_not_listen_declares_nobody_dead_for_what_it_did_not_hear()
    {
        await using var test = await TestDatabase.Create(TimeProvider.System);
        await using var database = new PostgresDatabase(test.ConnectionString);
        await PostgresSchema.Upgrade(database, default);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await test.Execute(Member(Self.Address, SiloStatus.Active));
        await test.Execute(Member(SiloAddress.New((IPEndPoint)listener.LocalEndpoint, 9), SiloStatus.Active));
        await using var running = await Running.Start(database);
        await Beats(test, 2);

        // The database is away for everybody.
        await using (var locks = new NpgsqlConnection(test.ConnectionString))
        {
            await locks.OpenAsync();
            await using var transaction = await locks.BeginTransactionAsync();
            await using var keep = new NpgsqlCommand("LOCK TABLE holdfast.silo_beats", locks, transaction);
            await keep.ExecuteNonQueryAsync();
            await Task.Delay(Budgets.Silence + Budgets.Suspicion, TimeProvider.System);
        }

        await Beats(test, await Beats(test, 0) + 3);
        Assert.Equal(0, running.Membership.Kills);
    }

    private static long BeatsOf(TimeSpan time) => (long)(time / Budgets.BeatPeriod);

    /// <summary>Waits until the silo under test has left so many signs of life in the end; all that the last but one said was heeded then.</summary>
    private static async Task<long> Beats(TestDatabase test, long least)
    {
        long beats = 0;
        await Eventually.True(
            async () => (beats = await test.Execute($"SELECT beat FROM holdfast.silo_beats WHERE silo = '{Self.Address.ToParsableString()}'") as long? ?? 0) >= least,
            () => $"{least} signs of life should have been left");
        return beats;
    }

    /// <summary>The statement of a silo's last sign of life.</summary>
    private static string BeatOf(SiloAddress silo, string sessions) =>
        $"INSERT INTO holdfast.silo_beats (cluster, silo, beat, at, sessions) VALUES ('{Cluster}', '{silo.ToParsableString()}', 7, now(), '{sessions}')";

    /// <summary>The statement that makes a silo a member.</summary>
    private static string Member(SiloAddress silo, SiloStatus status) =>
        $"""
        INSERT INTO holdfast.membership (cluster, address, port, generation, name, host, status, proxy_port, started_at, alive_at)
        VALUES ('{Cluster}', '{silo.Endpoint.Address}', {silo.Endpoint.Port}, {silo.Generation}, 's', 'h', {(int)status}, 0, now(), now())
        """;

    private static Task WaitUntil(ReadLease lease, bool held, string when) =>
        Eventually.True(() => lease.IsHeld == held, () => $"the lease should {(held ? "" : "not ")}be held {when}");

    /// <summary>Beats between their silo's start and stop.</summary>
    private sealed class Running : IAsyncDisposable
    {
        private readonly Lifecycle _lifecycle = new();
        private readonly SiloDeaths _deaths;
        private readonly Beat _beat;

        private Running(PostgresDatabase database, ClusterClock clock)
        {
            var self = new Self();
            var beats = new PostgresBeats(database, clock, Cluster, self.SiloAddress);
            Lease = new(self, NullLogger<ReadLease>.Instance);
            _deaths = new(Membership, NullLogger<SiloDeaths>.Instance);
            _beat = new(
                beats,
                Lease,
                new(self.SiloAddress),
                _deaths,
                new(self, beats, NullLogger<DeadSessions>.Instance),
                new(clock, NullLogger<ClockWatch>.Instance),
                NullLogger<Beat>.Instance);
            _beat.Participate(_lifecycle);
        }

        public ReadLease Lease { get; }

        public Membership Membership { get; } = new();

        public static async Task<Running> Start(PostgresDatabase database, ClusterClock? clock = null)
        {
            var running = new Running(database, clock ?? new(TimeProvider.System));
            await running._lifecycle.Observer!.OnStart(default);
            return running;
        }

        public async ValueTask DisposeAsync()
        {
            await _lifecycle.Observer!.OnStop(default);
            _beat.Dispose();
            _deaths.Dispose();
        }
    }
}
