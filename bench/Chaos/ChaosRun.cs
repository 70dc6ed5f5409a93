using Holdfast.Bench.Cluster;
using Holdfast.Bench.Replay;
using Holdfast.Rig;

namespace Holdfast.Bench.Chaos;

/// <summary>
/// A cluster of processes that sells a shop's invoices while its processes are killed and started again, then is left in peace and
/// has everything read back. Nothing of it stays, but the logs when something was wrong.
/// </summary>
/// <param name="say">Takes a line for each kill.</param>
public sealed class ChaosRun(ChaosSettings settings, IReadOnlyList<Invoice> invoices, TimeProvider clock, ReplayProgress progress, Action<string> say)
{
    /// <exception cref="BenchException">It could not run to its end; the message says where the logs are.</exception>
    /// <exception cref="RigException">The cluster did not start.</exception>
    public Task<ChaosReport> Execute(CancellationToken cancellationToken) => ClusterRun.Execute(
        new() { Silos = settings.Silos, FrontDoors = settings.FrontDoors, Settings = LoggedErrors.Logging },
        clock,
        progress,
        cluster => Execute(cluster, cancellationToken),
        static report => report.Ok,
        cancellationToken);

    private async Task<ChaosReport> Execute(ClusterProcesses cluster, CancellationToken cancellationToken)
    {
        var doors = new FrontDoors([.. cluster.FrontDoors.Select(static member => member.Url)]);
        using var http = HoldfastClient.Connect(settings.Replay.Concurrency, settings.Replay.Wait);
        using var probeHttp = Prober.Connect();
        var client = new HoldfastClient(http, doors, clock, settings.Replay.Patience, settings.Seed);
        var replay = new ReplayRun(client, settings.Replay, invoices, clock, progress);
        await replay.Stock(cancellationToken);

        var began = clock.GetTimestamp();
        var prober = new Prober(probeHttp, doors, clock, settings.Seed, began);
        var killer = new Killer(cluster, settings.Every, settings.AtLeast, new(settings.Seed), clock, began, say);
        var disturber = new Disturber(cluster.Postgres!, new(settings.Seed), clock);
        await SellUnderKills(replay, prober, killer, disturber, cancellationToken);

        var facts = await replay.ReadBack(cancellationToken);
        var counters = await prober.Check(client, cancellationToken);
        progress.Begin("stopping the cluster", 0);
        await cluster.Stop();

        var errors = await LoggedErrors.Read(cluster.Members.Select(static member => member.LogFile), cancellationToken);
        var sold = ReplayReport.Of(settings.Replay, doors.ToString(), clock.GetUtcNow(), facts, replay.Elapsed, client);
        CheckResult[] checks =
        [
            counters,
            AnswerCounts.NoneUnexpected(client.Answers, prober.Answers),
            new("no process ended that was not killed", cluster.Members.Count(), killer.EndedByThemselves.Count, killer.EndedByThemselves),
            LoggedErrors.NoneFatal(errors),
            LoggedErrors.NothingLeftOut(errors),
        ];
        var ok = sold.Ok && checks.All(static check => check.Ok);
        return new(
            settings.Seed,
            settings.Silos,
            settings.FrontDoors,
            settings.Every.TotalSeconds,
            ok,
            ok ? null : cluster.LogDirectory,
            killer.Kills,
            disturber.PausedCommits,
            disturber.SlowTransactions,
            Recovery.Of(killer.Kills, prober.Troubles),
            prober.Report(),
            checks,
            errors,
            sold);
    }

    /// <summary>Until all is sold and enough was killed. What fails takes the others along.</summary>
    private Task SellUnderKills(ReplayRun replay, Prober prober, Killer killer, Disturber disturber, CancellationToken cancellationToken)
    {
        if (!settings.Disturb) disturber.Finish();
        return ClusterRun.Together(
            cancellationToken,
            (replay.Sell, killer.Finish),
            (killer.Run, () => End(prober, disturber)),
            (prober.Run, null),
            (disturber.Run, null));
    }

    private static void End(Prober prober, Disturber disturber)
    {
        prober.Finish();
        disturber.Finish();
    }
}
