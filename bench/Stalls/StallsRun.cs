using System.Globalization;
using Holdfast.Bench.Chaos;
using Holdfast.Bench.Cluster;
using Holdfast.Bench.Replay;
using Holdfast.Rig;

namespace Holdfast.Bench.Stalls;

/// <param name="Kinds">What stands still, one after the other.</param>
/// <param name="Orders">Placed in all; the stalls are spread over them.</param>
/// <param name="Stalls">How often.</param>
/// <param name="Length">Of each stall.</param>
/// <param name="CommandSeconds">How long a process waits for the database; Holdfast's own limit when null.</param>
/// <param name="Seed">Of who buys what.</param>
/// <param name="Replay">How the orders are placed.</param>
public sealed record StallsSettings(
    IReadOnlyList<StallKind> Kinds, int Silos, int FrontDoors, int Orders, int Stalls, TimeSpan Length, int? CommandSeconds, int Seed, ReplaySettings Replay);

/// <summary>
/// A cluster of processes that takes orders while what is under its database stands still now and then, for longer than a commit is
/// waited for, and goes on as if nothing had been: then commits come to their end of which nobody knew any more. All is read back.
/// </summary>
/// <param name="say">Takes a line for each stall.</param>
public sealed class StallsRun(StallsSettings settings, TimeProvider clock, ReplayProgress progress, Action<string> say)
{
    /// <summary>So few that orders meet, and so many that one product is not all there is.</summary>
    private const int Products = 40;

    private const int MaxLines = 3;
    private const int MaxUnits = 3;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    /// <exception cref="BenchException">It could not run to its end; the message says where the logs are.</exception>
    /// <exception cref="RigException">The cluster did not start, or this kind of stall cannot be made here.</exception>
    public async Task<StallsReport> Execute(CancellationToken cancellationToken)
    {
        using var disk = settings.Kinds.Contains(StallKind.Disk) ? await StallingDisk.Create(clock, cancellationToken) : null;
        return await ClusterRun.Execute(
            new()
            {
                Silos = settings.Silos,
                FrontDoors = settings.FrontDoors,
                Disk = disk,
                CommandSeconds = settings.CommandSeconds,
                Settings = LoggedErrors.Logging,
            },
            clock,
            progress,
            cluster => Execute(cluster, disk, cancellationToken),
            static report => report.Ok,
            cancellationToken);
    }

    private async Task<StallsReport> Execute(ClusterProcesses cluster, StallingDisk? disk, CancellationToken cancellationToken)
    {
        var doors = new FrontDoors([.. cluster.FrontDoors.Select(static member => member.Url)]);
        using var http = HoldfastClient.Connect(settings.Replay.Concurrency, settings.Replay.Wait);
        var client = new HoldfastClient(http, doors, clock, settings.Replay.Patience, settings.Seed);
        var replay = new ReplayRun(client, settings.Replay, MakeInvoices(), clock, progress);
        await replay.Stock(cancellationToken);
        await SellUnderStalls(replay, cluster, disk, cancellationToken);

        var facts = await replay.ReadBack(cancellationToken);
        var ended = cluster.Members.Where(static member => !member.IsRunning).Select(static member => member.Name).ToArray();
        progress.Begin("stopping the cluster", 0);
        await cluster.Stop();

        var errors = await LoggedErrors.Read(cluster.Members.Select(static member => member.LogFile), cancellationToken);
        var sold = ReplayReport.Of(settings.Replay, doors.ToString(), clock.GetUtcNow(), facts, replay.Elapsed, client);
        CheckResult[] checks =
        [
            AnswerCounts.NoneUnexpected(client.Answers),
            new("no process ended", cluster.Members.Count(), ended.Length, ended),
            LoggedErrors.NoneFatal(errors),
        ];
        string[] stuck =
        [
            .. facts.Orders
                .Where(static order => order.Answer is not null && order.Final is not ({ Ended: true } or { NeedsAttention: true }))
                .Select(static order => $"{order.Answer!.Id}: {order.Final?.Status ?? "not found"}"),
        ];
        var ok = stuck.Length == 0 && sold.Ok && checks.All(static check => check.Ok);
        return new(
            settings.Kinds,
            settings.Stalls,
            settings.Length.TotalSeconds,
            settings.Orders,
            stuck,
            ok,
            ok ? null : cluster.LogDirectory,
            checks,
            errors,
            sold);
    }

    private async Task SellUnderStalls(ReplayRun replay, ClusterProcesses cluster, StallingDisk? disk, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var began = clock.GetTimestamp();
        var selling = replay.Sell(ending.Token);
        try
        {
            for (var number = 1; number <= settings.Stalls; number++)
            {
                var due = (long)settings.Orders * number / (settings.Stalls + 1);
                while (!selling.IsCompleted && progress.Current.Done < due) await Task.Delay(LookInterval, clock, cancellationToken);
                if (selling.IsCompleted) break;
                var kind = settings.Kinds[(number - 1) % settings.Kinds.Count];
                say($"{clock.GetElapsedTime(began).TotalSeconds,6:0.0} s: stall {number} ({kind}), {progress.Current.Done:N0} orders are through");
                await Stall(kind, cluster.Postgres!, disk, cancellationToken);
            }
        }
        finally
        {
            if (cancellationToken.IsCancellationRequested) await ending.CancelAsync();
        }

        await selling;
    }

    private async Task Stall(StallKind kind, PostgresServer postgres, StallingDisk? disk, CancellationToken cancellationToken)
    {
        switch (kind)
        {
            case StallKind.Disk:
                disk!.Hang();
                await Last();
                disk.GoOn();
                break;
            case StallKind.Backends:
                var stopped = await postgres.PauseAppends(cancellationToken);
                await Last();
                PostgresServer.Resume(stopped);
                break;
            default:
                await postgres.WaitForStandby(true, cancellationToken);
                await Last();
                await postgres.WaitForStandby(false, cancellationToken);
                break;
        }

        Task Last() => Task.Delay(settings.Length, clock, cancellationToken);
    }

    private Invoice[] MakeInvoices()
    {
        var random = new Random(settings.Seed);
        return
        [
            .. Enumerable.Range(1, settings.Orders).Select(number => new Invoice(
                number.ToString(CultureInfo.InvariantCulture), default, Invoice.Guest, Lines())),
        ];

        InvoiceLine[] Lines() =>
        [
            .. random.GetItems(Enumerable.Range(1, Products).ToArray(), random.Next(1, MaxLines + 1)).Distinct()
                .Select(product => new InvoiceLine(string.Create(CultureInfo.InvariantCulture, $"stall-{product}"), random.Next(1, MaxUnits + 1))),
        ];
    }
}
