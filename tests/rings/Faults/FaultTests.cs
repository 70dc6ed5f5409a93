using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Rig;
using Holdfast.Rings.Delivery;
using Holdfast.Silo.Cluster;
using Holdfast.Tests;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;
using ClusterMember = Holdfast.Rig.ClusterMember;

namespace Holdfast.Rings.Faults;

/// <summary>
/// One fault each, under buyers who know nothing of it and repeat what was not answered. Afterwards the cluster is healthy again
/// and everything adds up.
/// </summary>
[Collection(FaultRing.Name)]
public sealed class FaultTests(FaultCluster cluster, ITestOutputHelper output)
{
    /// <summary>Answers that say the load is going, before, during and after a fault.</summary>
    private const int Some = 40;

    /// <summary>What a client that repeats a request once can bear.</summary>
    private const int MaxRepeatsInOrder = 1;

    /// <summary>For an answer through one silo, which may have nobody to pass the question on to.</summary>
    private static readonly TimeSpan DirectPatience = TimeSpan.FromSeconds(10);

    private static int s_names;

    /// <summary>How long the silos' logs were when the load began.</summary>
    private readonly Dictionary<ClusterMember, long> _logged = [];

    private ClusterMember Victim => cluster.Silos[0];

    [PostgresFact(Wants.Server)]
    public Task A_killed_silo_is_replaced_by_the_others() => UnderLoad("kill-silo", async load =>
    {
        var keys = await cluster.CountersOn(Victim, Name("orphan"), 5);

        await Victim.Kill();

        await AnswerAgain(load, keys, before: 1);
        await AreDelivered();
        await load.Answers(Some);
    });

    [PostgresFact(Wants.Server)]
    public Task A_killed_front_door_loses_nothing_that_is_asked_again_at_another() => UnderLoad("kill-door", async load =>
    {
        const int Rounds = 4;
        for (var round = 0; round < Rounds; round++)
        {
            var door = cluster.FrontDoors[round % cluster.FrontDoors.Count];
            await door.Kill();
            await load.Answers(Some);
            await door.Restart();
        }
    });

    [PeersFact]
    public Task A_silo_that_wakes_up_after_its_death_was_declared_changes_nothing_and_shows_nothing_old() => UnderLoad("sleep", async load =>
    {
        var keys = await cluster.CountersOn(Victim, Name("slept"), 9);
        using var direct = new DirectClient(await FaultCluster.Connect(DirectPatience, Victim));
        foreach (var key in keys) Assert.Equal(1, (await direct.Counter(key).Read()).Value);

        Victim.Process!.Pause();
        await cluster.DeclaredDead(Victim);
        await AnswerAgain(load, keys, before: 1);

        // Queued before it wakes up, and asked for after others have gone on. Of each key one thing: whatever asks the store first
        // ends the activation.
        var reads = keys[..6].Select((key, i) => direct.Ask(key, i < 3 ? ReadConsistency.Default : ReadConsistency.Strong)).ToArray();
        var writes = keys[6..].Select(key => (Key: key, Command: new IncrementCounter(new(PublicId.Derive("slept", key), 1), 10))).ToArray();
        var written = writes.Select(write => direct.Try(write.Key, write.Command)).ToArray();
        await load.Answers(Some);

        // Nobody tells it at once that it is dead: its peers would, with their first word, and the membership.
        CutOffFromPeers();
        Victim.Database!.Delay(TimeSpan.FromSeconds(0.5));
        Victim.Process.Resume();

        await AreNotBefore(2, reads);
        output.WriteLine($"writes: {Tally(await Task.WhenAll(written))}");
        await Victim.Process.Exited.WaitAsync(FaultCluster.Patience, TimeProvider.System);

        // Whatever became of them: repeated under their ids they have happened once.
        foreach (var (key, command) in writes)
        {
            await cluster.Repeat(grains => grains.GetGrain<ICounter>(key).Increment(command));
            load.Owner.Increments.Enqueue((key, command.Delta));
        }
    });

    [PostgresFact(Wants.Server)]
    public Task A_database_that_crashes_and_comes_back_has_all_that_was_answered() => UnderLoad("crash-database", async load =>
    {
        // Answered until the very end, by a server that writes down what nobody waits for as late as it can.
        await cluster.Ask("ALTER SYSTEM SET wal_writer_delay = '10s'");
        await cluster.Ask("SELECT pg_reload_conf()::int");
        var going = true;
        var increments = Task.WhenAll(load.Shop.Counters.Select(async counter =>
        {
            while (Volatile.Read(ref going)) await load.Owner.Increment(counter, 1);
        }));
        await load.Answers(Some);
        var stopped = cluster.Postgres.StopImmediately();
        Volatile.Write(ref going, false);

        // Longer than any silo may be silent: but nobody has listened meanwhile, so nobody is to be declared dead for it.
        var away = Task.Delay(Budgets.Silence + TimeSpan.FromSeconds(1), TimeProvider.System);
        await stopped;
        await Eventually.True(
            async () => (await Task.WhenAll(cluster.Silos.Select(IsReady))).All(ready => !ready), () => "no silo should be ready without a database");

        // They hold what they are asked until it is back: a load balancer that left them out would not.
        Assert.All(await Task.WhenAll(cluster.FrontDoors.Select(IsReady)), Assert.True);

        await away;
        await cluster.Postgres.Restart();
        await increments;
        await load.Answers(2 * Some);
        await NobodyDied();
        await cluster.Ask("ALTER SYSTEM RESET wal_writer_delay");
        await cluster.Ask("SELECT pg_reload_conf()::int");
    });

    [PostgresFact(Wants.Server)]
    public Task Connections_to_the_database_that_break_all_at_once_lose_and_double_nothing() => UnderLoad("reset", async load =>
    {
        const int Rounds = 6;
        for (var round = 0; round < Rounds; round++)
        {
            var broken = round % 2 == 0
                ? cluster.Silos.Concat(cluster.FrontDoors).Sum(member => member.Database!.ResetAll())
                : await cluster.Postgres.DropAllConnections();
            Assert.InRange(broken, cluster.Silos.Count, int.MaxValue);
            await load.Answers(Some / 2);
        }

        await NobodyDied();
    });

    [PostgresFact(Wants.Server)]
    public Task A_commit_whose_reply_is_lost_is_unknown_and_happens_once() => UnderLoad("lost-reply", async load =>
    {
        var keys = await cluster.CountersOn(Victim, Name("lost"), 3);

        // Whether it came is only known to who asks again.
        await IsUnknown(load, keys[0], Victim.Database!.SwallowNextReply(CommitOf(keys[0]), PostgresWire.EndsReply), stored: true);
        await IsUnknown(load, keys[2], Victim.Database.SwallowNextRequest(CommitOf(keys[2])), stored: false);

        // The front door asks again by itself.
        var lost = Victim.Database.SwallowNextReply(CommitOf(keys[1]), PostgresWire.EndsReply);
        var repeats = load.Owner.Repeats;
        var answer = await load.Owner.Increment(keys[1], 10);
        await lost.WaitAsync(FaultCluster.Patience, TimeProvider.System);
        Assert.Equal((11, true, repeats), (answer.Number("value"), answer.Replayed, load.Owner.Repeats));
        load.Owner.Increments.Enqueue((keys[1], 1));
    });

    [PostgresFact(Wants.Server)]
    public Task A_database_that_answers_late_makes_everything_late_and_nothing_wrong() => UnderLoad("late", async load =>
    {
        foreach (var member in cluster.Silos) member.Database!.Delay(TimeSpan.FromSeconds(1));
        await load.Answers(Some / 4);
        foreach (var member in cluster.Silos) member.Database!.Pass();

        await load.Answers(Some);
        await NobodyDied();
    });

    [PostgresFact(Wants.Server)]
    public Task A_caller_who_waits_longer_than_a_front_door_waits_for_a_silo_is_answered_in_time() => UnderLoad("patience", async load =>
    {
        // The gateway does not answer, and is waited for for ten seconds before anything else happens to the order.
        var answer = await load.Owner.Order("tok_timeout", "wait=6");

        Assert.Equal("charging", answer.Is(202).Text("status"));
    });

    [PostgresTheory(Wants.Server)]
    [InlineData("freeze")]
    [InlineData("refuse")]
    public Task A_silo_that_is_cut_off_from_the_database_is_declared_dead_and_replaced(string how) => UnderLoad($"no-database-{how}", async load =>
    {
        var keys = await cluster.CountersOn(Victim, Name("cut"), 6);
        using var direct = new DirectClient(await FaultCluster.Connect(FaultCluster.Patience, Victim));

        if (how == "freeze") Victim.Database!.Freeze();
        else Victim.Database!.Refuse();
        await AnswerAgain(load, keys, before: 1);

        // It may not know of its death, but it knows that it cannot know.
        var reads = keys.Select((key, i) => direct.Ask(key, i < 3 ? ReadConsistency.Default : ReadConsistency.Strong)).ToArray();
        await cluster.DeclaredDead(Victim);
        await load.Answers(Some);
        Victim.Database.Pass();
        await AreNotBefore(2, reads);
    });

    [PeersFact]
    public Task A_silo_that_its_peers_do_not_reach_is_declared_dead_and_replaced() => UnderLoad("no-peers", async load =>
    {
        var keys = await cluster.CountersOn(Victim, Name("alone"), 6);

        // Whatever asks the store first ends the activation, so each is asked in one way only.
        var (sure, unsure) = (keys[..3], keys[3..]);
        using var direct = new DirectClient(await FaultCluster.Connect(DirectPatience, Victim));

        CutOffFromPeers();
        await cluster.DeclaredDead(Victim);
        await AnswerAgain(load, keys, before: 1);
        await AreNotBefore(2, sure.Select(key => direct.Ask(key, ReadConsistency.Strong)));

        // It still reaches the database, and hears there that it is dead; from then on its memory answers nothing by itself.
        await Eventually.True(
            () => Task.FromResult(!Victim.IsRunning || Victim.Process!.Output.Lines.Any(line => line.Contains("declared this silo dead", StringComparison.Ordinal))),
            () => "the silo should have learned of its death");
        await AreNotBefore(2, unsure.Select(key => direct.Ask(key, ReadConsistency.Default)));
        await load.Answers(Some);
    });

    [PostgresFact(Wants.Server)]
    public Task A_cluster_that_is_restarted_one_by_one_loses_nothing_that_is_asked_twice() => UnderLoad("rolling", async load =>
    {
        foreach (var member in cluster.Silos.Concat(cluster.FrontDoors))
        {
            Assert.Equal(0, await member.Stop());
            await member.Restart();
            await load.Answers(Some);
        }

        await load.Stop();
        var worst = load.All.MaxBy(buyer => buyer.Worst.Count)!.Worst;
        Assert.True(worst.Count <= 1 + MaxRepeatsInOrder, $"repeated more than once:\n{string.Join('\n', worst)}");
    });

    private async Task UnderLoad(string name, Func<Load, Task> fault)
    {
        var seed = Seeds.Drawn;
        output.WriteLine($"HOLDFAST_SEED={seed}");
        var started = TimeProvider.System.GetTimestamp();
        foreach (var silo in cluster.Silos) _logged[silo] = new FileInfo(silo.LogFile).Length;
        var load = await Load.Start(cluster, Name(name), seed);
        try
        {
            await load.Answers(Some);
            await fault(load);
        }
        finally
        {
            // Also when it failed: the next test begins with a whole cluster.
            await cluster.Heal();
            output.WriteLine($"healthy again after {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s");
        }

        await load.Stop();
        await Invariants.Hold(cluster, load);
        var worst = load.All.MaxBy(buyer => buyer.Worst.Count)!.Worst;
        output.WriteLine(
            $"{load.All.Sum(buyer => buyer.Orders.Count)} orders, {load.All.Sum(buyer => buyer.Adjustments.Count)} adjustments, "
            + $"{load.All.Sum(buyer => buyer.Increments.Count)} increments, {load.All.Sum(buyer => buyer.Edits.Count)} edits, "
            + $"{load.All.Sum(buyer => buyer.Repeats)} repeats, {load.All.Sum(buyer => buyer.Replays)} answers lost and given again, "
            + $"{TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s. Repeated most: {string.Join(" | ", worst)}");
    }

    /// <summary>Now and then an owner also reads whether the journal still has its last append: that says no event.</summary>
    private static Func<ReadOnlyMemory<byte>, bool> CommitOf(string counter)
    {
        var (stream, what) = (PostgresWire.Says($"counter/{counter}"), PostgresWire.Says("counter.incremented"));
        return chunk => stream(chunk) && what(chunk);
    }

    private async Task IsUnknown(Load load, string key, Task lost, bool stored)
    {
        var command = new IncrementCounter(new(PublicId.Derive("lost", key), 1), 10);
        var failure = await Assert.ThrowsAsync<RetryableException>(() => cluster.Grains.GetGrain<ICounter>(key).Increment(command).AsTask());
        await lost.WaitAsync(FaultCluster.Patience, TimeProvider.System);
        Assert.Equal(RetryReason.Unknown, failure.Reason);
        Assert.Equal(new(IncrementStatus.Incremented, 11, Replayed: stored), await cluster.Repeat(grains => grains.GetGrain<ICounter>(key).Increment(command)));
        load.Owner.Increments.Enqueue((key, 1));
        load.Owner.Increments.Enqueue((key, 10));
    }

    /// <summary>Either side's connection serves both, so what the silo opened itself is cut, too.</summary>
    private void CutOffFromPeers()
    {
        Victim.Peers!.Freeze();
        foreach (var other in cluster.Silos.Skip(1)) other.Peers!.FreezeFrom(Victim.Process!.Id);
    }

    /// <summary>Messages that are due now go out although somebody is missing.</summary>
    private async Task AreDelivered()
    {
        var now = await cluster.Ask("SELECT (extract(epoch FROM now()) * 1000)::bigint");
        await Eventually.True(
            async () => await cluster.Ask($"SELECT count(*) FROM outbox WHERE due < to_timestamp({now} / 1000.0)") == 0,
            () => "the messages of the silo that is gone should have been delivered by the others");
    }

    /// <summary>The keys of a silo that is gone are changed through the front doors.</summary>
    private static async Task AnswerAgain(Load load, string[] keys, long before)
    {
        var answers = await Task.WhenAll(keys.Select(key => load.Owner.Increment(key, 1)));
        Assert.All(answers, answer => Assert.Equal(before + 1, answer.Number("value")));

        // That they were made is known to the invariants, too.
        foreach (var key in keys) load.Owner.Increments.Enqueue((key, before));
    }

    /// <summary>Reads may fail; what they say must be true.</summary>
    private async Task AreNotBefore(long value, IEnumerable<Task<Heard>> reads)
    {
        var heard = await Task.WhenAll(reads);
        output.WriteLine($"reads: {Tally(heard)}");
        Assert.DoesNotContain(heard, answer => answer.Value < value);
    }

    private static string Tally(Heard[] heard) => string.Join(", ", heard.CountBy(answer => answer.ToString()).Select(count => $"{count.Key} ×{count.Value}"));

    /// <summary>Nor will anybody: each has heard all others since.</summary>
    private async Task NobodyDied()
    {
        const int Heard = 3;
        var least = await LeastBeats() + Heard;
        await Eventually.True(async () => await LeastBeats() >= least, () => "each silo should have left signs of life");
        Assert.Equal(0, (await Task.WhenAll(cluster.Silos.Select(cluster.IsDead))).Count(dead => dead));
        foreach (var silo in cluster.Silos) Assert.DoesNotContain("it is declared dead", await LoggedSince(silo), StringComparison.Ordinal);
    }

    private Task<long> LeastBeats() =>
        cluster.Ask("SELECT min(b.beat) FROM silo_beats b JOIN membership m ON b.silo = m.address || ':' || m.port || '@' || m.generation WHERE m.status = 3");

    private async Task<string> LoggedSince(ClusterMember silo)
    {
        await using var log = new FileStream(silo.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Position = _logged[silo];
        using var reader = new StreamReader(log);
        return await reader.ReadToEndAsync();
    }

    private static async Task<bool> IsReady(ClusterMember member)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = member.Url };
        using var response = await http.GetAsync("/health/ready");
        return response.IsSuccessStatusCode;
    }

    private static string Name(string name) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}-{Interlocked.Increment(ref s_names)}");
}

/// <summary>A fact about a silo that others do not reach: who speaks over a connection must be known to cut only that.</summary>
public sealed class PeersFactAttribute : FactAttribute
{
    public PeersFactAttribute() => Skip = Wants.Server.WhyNot() ?? SocketOwner.WhyUnavailable;
}

/// <summary>What a call through one silo came to.</summary>
internal sealed record Heard(long? Value, string? Failure)
{
    public override string ToString() => Value is { } value ? $"{value}" : Failure!;
}

/// <summary>A client that reaches the cluster through one silo only, also when the others know that silo no more.</summary>
internal sealed class DirectClient(Microsoft.Extensions.Hosting.IHost host) : IDisposable
{
    public ICounter Counter(string key) => host.Services.GetRequiredService<IClusterClient>().GetGrain<ICounter>(key);

    public Task<Heard> Ask(string key, ReadConsistency consistency) => Listen(async () => (await Counter(key).Read(consistency)).Value);

    public Task<Heard> Try(string key, IncrementCounter command) => Listen(async () => (await Counter(key).Increment(command)).Value);

    public void Dispose() => host.Dispose();

    private static async Task<Heard> Listen(Func<Task<long>> call)
    {
        try
        {
            return new(await call(), null);
        }
        catch (Exception exception) when (exception is RetryableException or OrleansException or TimeoutException)
        {
            return new(null, exception is RetryableException retryable ? retryable.Reason.ToString() : exception.GetType().Name);
        }
    }
}
