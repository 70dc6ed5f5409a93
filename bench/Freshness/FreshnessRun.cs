using Holdfast.Bench.Chaos;
using Holdfast.Bench.Cluster;
using Holdfast.Bench.Replay;
using Holdfast.Checker;
using Holdfast.Rig;

namespace Holdfast.Bench.Freshness;

/// <param name="Changes">Acknowledged changes after each of which the list is read; an even number.</param>
/// <param name="Writers">Each with two products of its own.</param>
/// <param name="Every">From one kill to the next.</param>
/// <param name="AtLeast">Kills, however soon the changes are made.</param>
/// <param name="Seed">Of who dies when and how, and of what the witnesses look at.</param>
public sealed record FreshnessSettings(
    int Silos, int FrontDoors, int Changes, int Writers, int Witnesses, TimeSpan Every, int AtLeast, TimeSpan Patience, int Seed);

/// <param name="Behind">Lists that were read as they happened to be, and did not show the change before.</param>
/// <param name="HistoryFile">What was seen, when the checker did not like it; null otherwise.</param>
public sealed record FreshnessReport(
    IReadOnlyList<CheckResult> Checks,
    int Changes,
    int Behind,
    Latencies NewestMs,
    Latencies AtLeastMs,
    IReadOnlyList<Kill> Kills,
    IReadOnlyList<LoggedErrors> Errors,
    string? HistoryFile)
{
    public bool Ok => Checks.All(static check => check.Ok);
}

/// <summary>
/// A cluster whose processes are killed, writers who look for each of their changes in a list at whichever front door, and witnesses who
/// read lists with what others were told.
/// </summary>
/// <param name="say">Takes a line for each kill.</param>
public sealed class FreshnessRun(FreshnessSettings settings, TimeProvider clock, ReplayProgress progress, Action<string> say)
{
    /// <summary>For one answer; a reader who asks for the newest waits for it at the server.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    private int _begun;

    /// <exception cref="BenchException">It could not run to its end; the message says where the logs are.</exception>
    /// <exception cref="RigException">The cluster did not start.</exception>
    public Task<FreshnessReport> Execute(CancellationToken cancellationToken) => ClusterRun.Execute(
        new() { Silos = settings.Silos, FrontDoors = settings.FrontDoors, Settings = LoggedErrors.Logging },
        clock,
        progress,
        cluster => Execute(cluster, cancellationToken),
        static report => report.Ok,
        cancellationToken);

    private async Task<FreshnessReport> Execute(ClusterProcesses cluster, CancellationToken cancellationToken)
    {
        var doors = new FrontDoors([.. cluster.FrontDoors.Select(static member => member.Url)]);
        using var http = HoldfastClient.Connect(settings.Writers + settings.Witnesses, Wait);
        var sender = new Sender(http, doors, clock, settings.Patience, settings.Seed);
        var (shelf, seen) = (new Shelf(sender), new Observations(clock));
        Pair[] pairs = [.. Enumerable.Range(1, settings.Writers).Select(static number => new Pair(number))];
        foreach (var pair in pairs)
        {
            await shelf.Create(pair.Cause, cancellationToken);
            await shelf.Create(pair.Effect, cancellationToken);
        }

        // A plain list may be behind, but never goes back: from here on it has every product.
        foreach (var pair in pairs) await shelf.Read(pair.Effect, new(Newest: true), cancellationToken);

        progress.Begin("changing and looking", settings.Changes);
        var began = clock.GetTimestamp();
        var killer = new Killer(cluster, settings.Every, settings.AtLeast, new(settings.Seed), clock, began, say);
        var ended = await LookUnderKills(pairs, shelf, seen, killer, began, cancellationToken);

        progress.Begin("checking the history", 0);
        var history = HistoryChecker.Check(seen.History, "register");
        await cluster.Stop();
        var errors = await LoggedErrors.Read(cluster.Members.Select(static member => member.LogFile), cancellationToken);
        return new(
            [
                seen.Newest.Result(),
                seen.AtLeast.Result(),
                seen.Causes.Result(),
                new(
                    "the no-cache lists and the changes are linearizable",
                    history.Operations,
                    history.Verdict == Verdict.Linearizable ? 0 : 1,
                    [.. history.Violations.Concat(history.Undecided)]),
                new("not every list is new enough by itself", settings.Changes, seen.Behind > 0 ? 0 : 1, []),
                new(
                    "a process was killed before the last change",
                    killer.Kills.Count,
                    killer.Kills.Any(kill => kill.At < ended) ? 0 : 1,
                    []),
                LoggedErrors.NothingLeftOut(errors),
                AnswerCounts.NoneUnexpected(sender.Answers),
                new(
                    "no process ended that was not killed",
                    cluster.Members.Count(),
                    killer.EndedByThemselves.Count,
                    killer.EndedByThemselves),
                LoggedErrors.NoneFatal(errors),
            ],
            settings.Changes,
            seen.Behind,
            Latencies.Of(seen.NewestTook),
            Latencies.Of(seen.AtLeastTook),
            killer.Kills,
            errors,
            history.Verdict == Verdict.Linearizable ? null : Keep(seen.History, cluster.LogDirectory));
    }

    /// <summary>Until all is changed, and enough was killed. What fails takes the others along.</summary>
    /// <returns>When the last change was looked for, since <paramref name="began"/>.</returns>
    private async Task<TimeSpan> LookUnderKills(
        Pair[] pairs, Shelf shelf, Observations seen, Killer killer, long began, CancellationToken cancellationToken)
    {
        var ended = TimeSpan.Zero;
        await ClusterRun.Together(cancellationToken, (Look, EndLooking), (killer.Run, null));
        return ended;

        Task Look(CancellationToken ending)
        {
            var writers = pairs.Select(pair => new Writer(pair, shelf, seen).Run(TakeTwo, ending));
            var witnesses = Enumerable.Range(1, settings.Witnesses).Select(number =>
                new Witness(number, pairs, shelf, seen, new(unchecked(settings.Seed + number))).Run(GoesOn, ending));
            return Task.WhenAll(writers.Concat(witnesses));
        }

        void EndLooking()
        {
            ended = clock.GetElapsedTime(began);
            killer.Finish();
        }
    }

    private bool TakeTwo()
    {
        if (Interlocked.Add(ref _begun, 2) > settings.Changes) return false;
        progress.Advance();
        progress.Advance();
        return true;
    }

    private bool GoesOn() => Volatile.Read(ref _begun) < settings.Changes;

    private static string Keep(IEnumerable<Operation> history, string directory)
    {
        var path = Path.Combine(directory, "history.jsonl");
        using var file = new StreamWriter(path);
        HistoryFile.Write(file, history);
        return path;
    }
}
