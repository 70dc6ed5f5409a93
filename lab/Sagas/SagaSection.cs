using System.Globalization;
using System.Text.Json;
using Holdfast.Bench;
using Holdfast.Bench.Compare;
using Holdfast.Bench.Measuring;

namespace Holdfast.Lab.Sagas;

/// <summary>
/// The order saga on Holdfast and on what a team would pick instead: each in processes of its own, one at a time, on databases of
/// one PostgreSQL that is started for it, and audited after every run.
/// </summary>
internal sealed class SagaSection(SagaPlan plan, BenchStores stores, Progress progress, TimeProvider clock)
{
    public const string Id = "sagas";

    /// <summary>How many times the orders of the fastest other system Holdfast is to complete.</summary>
    private const double Wanted = 10;

    /// <summary>Milliseconds that an order is to take at most when it is the only one.</summary>
    private const double WantedAloneMs = 15;

    /// <summary>Orders a second that are wanted of Holdfast, by the lines of an order.</summary>
    private static readonly Dictionary<int, double> WantedPerSecond = new() { [1] = 4_000, [5] = 2_500, [21] = 1_000 };

    private readonly Dictionary<SagaKind, List<SagaLoad>> _loads = plan.Systems.ToDictionary(static kind => kind, static _ => new List<SagaLoad>());
    private readonly Dictionary<SagaKind, List<SagaKill>> _kills = plan.Systems.ToDictionary(static kind => kind, static _ => new List<SagaKill>());
    private readonly Dictionary<SagaKind, List<string>> _unkillable = plan.Systems.ToDictionary(static kind => kind, static _ => new List<string>());

    /// <exception cref="BenchException">PostgreSQL is not installed, or a process could not be started.</exception>
    public static async Task<Section> Measure(MeasuringRun run, SagaPlan plan, CancellationToken cancellationToken)
    {
        await using var stores = new BenchStores(StoreKind.Postgres, run.Work, run.Clock);
        return await new SagaSection(plan, stores, run.Progress, run.Clock).Measure(cancellationToken);
    }

    private async Task<Section> Measure(CancellationToken cancellationToken)
    {
        for (var round = 1; round <= plan.Rounds; round++)
        {
            foreach (var kind in plan.Systems)
            {
                progress.Say($"{kind.Name}, round {round} of {plan.Rounds}");
                _loads[kind].Add(await Load(kind, round, cancellationToken));
            }
        }

        for (var kill = 1; kill <= plan.Kills; kill++)
        {
            foreach (var kind in plan.Systems)
            {
                progress.Say($"{kind.Name}, kill {kill} of {plan.Kills}");
                await Kill(kind, kill, cancellationToken);
            }
        }

        Comparison[] comparisons = [.. Comparisons()];
        return new(
            Id,
            "The order saga",
            "Place an order of 1, 5 or 21 different products out of "
                + string.Create(CultureInfo.InvariantCulture, $"{plan.Products:N0}, reserve each, charge, complete; or, when the payment is declined, release. ")
                + "Every step is durable (fsync) before the next begins, the caller waits for the end, the payment gateway is the same, "
                + "and so is the database: one PostgreSQL, its settings as they come. Each system runs alone in a process of its own.",
            [.. SagaUnfairness.OfAll, .. plan.Systems.Where(static kind => kind.Unfair.Length > 0).Select(static kind => $"{kind.Name}: {kind.Unfair}")],
            comparisons,
            Tables())
        {
            Targets = [.. TargetsOf(comparisons)],
            Wrong = OwnWrong(),
        };
    }

    private IEnumerable<Target> TargetsOf(Comparison[] comparisons)
    {
        foreach (var lines in plan.Lines.Where(WantedPerSecond.ContainsKey))
        {
            yield return Own("orders a second", lines, plan.Clients, WantedPerSecond[lines], TargetKind.PerSecond);
            if (plan.Alone > TimeSpan.Zero && plan.Clients > 1) yield return Own("the time of an order", lines, 1, WantedAloneMs, TargetKind.P50Ms);
        }

        if (plan.Systems.Count == 1) yield break;
        foreach (var comparison in comparisons.Where(comparison => comparison.Clients == plan.Clients)) yield return OverFastest(comparison);
    }

    private Target Own(string what, int lines, int clients, double bound, TargetKind kind)
    {
        var (title, way) = (Title(lines, clients), plan.Systems[0].Name);
        return new($"{title}: {way}, {what}", title, way, Over: null, bound, AtMost: kind == TargetKind.P50Ms, kind);
    }

    private string Title(int lines, int clients) =>
        (lines == 1 ? "Orders of 1 line" : $"Orders of {lines} lines") + (clients == plan.Clients ? "" : ", one at a time");

    private static Target OverFastest(Comparison comparison)
    {
        var (first, fastest) = (comparison.Standings[0].Way, comparison.Standings.Skip(1).MaxBy(static standing => standing.PerSecond)!.Way);
        return new($"{comparison.Title}: {first} over the fastest other, {fastest}", comparison.Title, first, fastest, Wanted);
    }

    private async Task<SagaLoad> Load(SagaKind kind, int round, CancellationToken cancellationToken)
    {
        await using var database = await SagaDatabase.Create(stores, $"{kind.Id}_{round}", cancellationToken);
        using var process = await SagaProcess.Start(plan.LoadOf(kind, database.ConnectionString, round), cancellationToken);
        try
        {
            var load = JsonSerializer.Deserialize(await process.ReadResult(cancellationToken), SagaJson.Default.SagaLoad)!;
            if (load.Wrong is not null) progress.Say($"{kind.Name}: {load.Wrong}");
            return load;
        }
        catch (BenchException e)
        {
            return new([], null, e.Message);
        }
    }

    private async Task Kill(SagaKind kind, int kill, CancellationToken cancellationToken)
    {
        await using var database = await SagaDatabase.Create(stores, $"{kind.Id}_kill_{kill}", cancellationToken);
        try
        {
            // The first orders go in step with each other, later ones less and less: early and late kills find them in all of their steps.
            var ends = Math.Max(1, plan.KilledOrders * kill / (plan.Kills + 1));
            _kills[kind].Add(await SagaKill.Run(plan, kind, ends, database.ConnectionString, clock, cancellationToken));
        }
        catch (BenchException e)
        {
            _unkillable[kind].Add(e.Message);
        }
    }

    private IEnumerable<Comparison> Comparisons()
    {
        int[] callers = plan.Alone > TimeSpan.Zero && plan.Clients > 1 ? [plan.Clients, 1] : [plan.Clients];
        foreach (var clients in callers)
        {
            foreach (var lines in plan.Lines)
            {
                var standings = plan.Systems.Select(kind => Standing.Of(kind.Name, [.. RoundsOf(kind, lines, clients)]));
                yield return new(Title(lines, clients), clients, [.. standings]) { Notes = [.. Failures()], WarmUpSeconds = plan.WarmUp.TotalSeconds };
            }
        }
    }

    /// <summary>How fast something was done that was not done right says nothing.</summary>
    private IEnumerable<Round> RoundsOf(SagaKind kind, int lines, int clients) => _loads[kind]
        .Where(static load => load.Wrong is null)
        .SelectMany(static load => load.Rounds)
        .Where(round => round.Lines == lines && round.Clients == clients)
        .Select(static round => round.Round);

    private IEnumerable<string> Failures() => plan.Systems.SelectMany(
        kind => _loads[kind].Where(static load => load.Wrong is not null).Select(load => $"{kind.Name} failed: {load.Wrong}").Distinct());

    private Table[] Tables()
    {
        var (versions, audits) = (SagaTables.Versions(plan.Systems), SagaTables.Audits(plan.Systems, _loads));
        return plan.Kills == 0 ? [versions, audits] : [versions, audits, SagaTables.Kills(plan, _kills, _unkillable)];
    }

    /// <summary>The first system's; the others are shown as they are.</summary>
    private string? OwnWrong()
    {
        var own = plan.Systems[0];
        string?[] wrong =
        [
            .. _loads[own].Select(static load => load.Wrong),
            .. _unkillable[own],
            .. _kills[own].Select(static kill => kill.Audit.Wrong()),
            .. _kills[own].Select(static kill => kill.TakenBack == 0 ? null : $"{kill.TakenBack} callers were told an end that is not there"),
        ];
        return wrong.OfType<string>().FirstOrDefault() is { } first ? $"{own.Name}: {first}" : null;
    }
}
