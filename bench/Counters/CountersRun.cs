using System.Globalization;
using Holdfast.Bench.Chaos;
using Holdfast.Bench.Cluster;
using Holdfast.Bench.Replay;
using Holdfast.Rig;

namespace Holdfast.Bench.Counters;

/// <param name="Callers">Each with one increment in flight.</param>
/// <param name="Readers">Each reads again and again, at one front door after the other.</param>
/// <param name="Turn">How long one counter is incremented before it is the other one's turn.</param>
/// <param name="Turns">Of each counter; the first is not counted.</param>
/// <param name="Every">From one kill to the next; null for none.</param>
public sealed record CountersSettings(
    int Silos,
    int FrontDoors,
    int Shards,
    int Callers,
    int Readers,
    TimeSpan Turn,
    int Turns,
    TimeSpan? Every,
    TimeSpan Patience,
    int Seed);

/// <param name="PerSecond">Increments, of each turn that counts.</param>
/// <param name="Reads">Of which none may go back.</param>
public sealed record CounterFigures(string Name, IReadOnlyList<double> PerSecond, Latencies Ms, int Reads);

public sealed record CountersReport(IReadOnlyList<CheckResult> Checks, IReadOnlyList<CounterFigures> Counters, IReadOnlyList<Kill> Kills)
{
    public bool Ok => Checks.All(static check => check.Ok);
}

/// <summary>
/// A counter and one with shards, incremented in turn over HTTP on a cluster, whose processes may be killed meanwhile. In the end each is
/// what was acknowledged, and nobody ever saw it go back.
/// </summary>
/// <param name="say">Takes a line for each kill.</param>
public sealed class CountersRun(CountersSettings settings, TimeProvider clock, ReplayProgress progress, Action<string> say)
{
    /// <summary>For one answer.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    private readonly TestedCounter _plain = new("bench-counter", "one owner");
    private readonly TestedCounter _sharded = new(
        "bench-shards", string.Create(CultureInfo.InvariantCulture, $"{settings.Shards} shards"));

    /// <exception cref="BenchException">It could not run to its end; the message says where the logs are.</exception>
    /// <exception cref="RigException">The cluster did not start.</exception>
    public Task<CountersReport> Execute(CancellationToken cancellationToken) => ClusterRun.Execute(
        new() { Silos = settings.Silos, FrontDoors = settings.FrontDoors, Settings = LoggedErrors.Logging },
        clock,
        progress,
        cluster => Execute(cluster, cancellationToken),
        static report => report.Ok,
        cancellationToken);

    private async Task<CountersReport> Execute(ClusterProcesses cluster, CancellationToken cancellationToken)
    {
        var doors = new FrontDoors([.. cluster.FrontDoors.Select(static member => member.Url)]);
        using var http = HoldfastClient.Connect(settings.Callers + settings.Readers, Wait);
        var client = new HoldfastClient(http, doors, clock, settings.Patience, settings.Seed);
        await client.PutCounter(_sharded.Name, settings.Shards, cancellationToken);
        progress.Begin("counting", 2 * settings.Turns);
        var killer = settings.Every is { } every
            ? new Killer(cluster, every, atLeast: 1, new(settings.Seed), clock, clock.GetTimestamp(), say)
            : null;
        await ClusterRun.Together(
            cancellationToken,
            (ending => TakeTurns(client, ending), () => killer?.Finish()),
            (ending => killer?.Run(ending) ?? Task.CompletedTask, null));

        TestedCounter[] counters = [_plain, _sharded];
        var values = new List<CheckResult>();
        foreach (var counter in counters) values.Add(counter.Is(await client.ReadCounter(counter.Name, cancellationToken)));
        await cluster.Stop();
        var errors = await LoggedErrors.Read(cluster.Members.Select(static member => member.LogFile), cancellationToken);
        var ended = killer?.EndedByThemselves ?? [];
        return new(
            [
                .. values,
                .. counters.Select(static counter => counter.NeverWentBack()),
                AnswerCounts.NoneUnexpected(client.Answers),
                new("no process ended that was not killed", cluster.Members.Count(), ended.Count, ended),
                LoggedErrors.NoneFatal(errors),
            ],
            [.. counters.Select(static counter => counter.Figures())],
            killer?.Kills ?? []);
    }

    private async Task TakeTurns(HoldfastClient client, CancellationToken cancellationToken)
    {
        for (var turn = 0; turn < settings.Turns; turn++)
        {
            await TakeTurn(_plain, turn, client, cancellationToken);
            await TakeTurn(_sharded, turn, client, cancellationToken);
        }
    }

    private async Task TakeTurn(TestedCounter counter, int turn, HoldfastClient client, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var before = counter.Acknowledged;
        var isCounted = turn > 0;
        var callers = Enumerable.Range(0, settings.Callers).Select(Call);
        await Task.WhenAll(callers.Concat(Enumerable.Range(0, settings.Readers).Select(_ => Read())));
        if (isCounted) counter.Note((counter.Acknowledged - before) / clock.GetElapsedTime(began).TotalSeconds);
        progress.Advance();

        async Task Call(int caller)
        {
            for (var number = 0; GoesOn(); number++)
            {
                var asked = clock.GetTimestamp();
                var key = string.Create(CultureInfo.InvariantCulture, $"{counter.Name}/{turn}/{caller}/{number}");
                await client.Increment(counter.Name, key, 1, cancellationToken);
                counter.Acknowledge(isCounted ? clock.GetElapsedTime(asked) : null);
            }
        }

        async Task Read()
        {
            while (GoesOn())
            {
                var least = counter.Seen;
                counter.See(await client.ReadCounter(counter.Name, cancellationToken), least);
            }
        }

        bool GoesOn() => clock.GetElapsedTime(began) < settings.Turn && !cancellationToken.IsCancellationRequested;
    }
}
