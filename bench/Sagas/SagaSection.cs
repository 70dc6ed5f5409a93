using System.Globalization;
using System.Text.Json;
using Holdfast.Bench.Compare;
using Holdfast.Bench.Measuring;

namespace Holdfast.Bench.Sagas;

/// <summary>
/// The order saga on Holdfast and on what a team would pick instead: each in processes of its own, one at a time, on databases of
/// one PostgreSQL that is started for it, and audited after every run.
/// </summary>
internal sealed class SagaSection(SagaPlan plan, BenchStores stores, Progress progress, TimeProvider clock)
{
    public const string Id = "sagas";

    /// <summary>How many times the orders of the fastest other system Holdfast is to complete.</summary>
    private const double Wanted = 10;

    private readonly Dictionary<SagaKind, List<SagaLoad>> _loads = plan.Systems.ToDictionary(static kind => kind, static _ => new List<SagaLoad>());
    private readonly Dictionary<SagaKind, List<SagaKill>> _kills = plan.Systems.ToDictionary(static kind => kind, static _ => new List<SagaKill>());
    private readonly Dictionary<SagaKind, string> _unkillable = [];

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
                + "and so is the database: one PostgreSQL with its own defaults. Each system runs alone in a process of its own.",
            [.. SagaUnfairness.OfAll, .. plan.Systems.Where(static kind => kind.Unfair.Length > 0).Select(static kind => $"{kind.Name}: {kind.Unfair}")],
            comparisons,
            [AuditTable(), .. plan.Kills > 0 ? [KillTable()] : Array.Empty<Table>()])
        {
            Targets = [.. comparisons.Where(comparison => comparison.Clients == plan.Clients && comparison.Standings.Count > 1).Select(TargetOf)],
        };
    }

    private static Target TargetOf(Comparison comparison)
    {
        var (first, fastest) = (comparison.Standings[0].Way, comparison.Standings.Skip(1).MaxBy(static standing => standing.PerSecond)!.Way);
        return new($"{comparison.Title}: {first} over the fastest other, {fastest}", comparison.Title, first, fastest, Wanted);
    }

    private async Task<SagaLoad> Load(SagaKind kind, int round, CancellationToken cancellationToken)
    {
        await using var database = await SagaDatabase.Create(stores, $"{kind.Id}_{round}", cancellationToken);
        using var process = await SagaProcess.Start(plan.TaskOf(kind, database.ConnectionString, SagaWork.Load), cancellationToken);
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
            _unkillable[kind] = e.Message;
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
                yield return new(lines == 1 ? "Orders of 1 line" : $"Orders of {lines} lines", clients, [.. standings]) { Notes = [.. Failures()], WarmUpSeconds = plan.WarmUp.TotalSeconds };
            }
        }
    }

    private IEnumerable<Round> RoundsOf(SagaKind kind, int lines, int clients) => _loads[kind]
        .SelectMany(static load => load.Rounds)
        .Where(round => round.Lines == lines && round.Clients == clients)
        .Select(static round => round.Round);

    private IEnumerable<string> Failures() => plan.Systems.SelectMany(
        kind => _loads[kind].Where(static load => load.Wrong is not null).Select(load => $"{kind.Name} failed: {load.Wrong}").Distinct());

    private Table AuditTable() => new(
        "What the databases said after the runs",
        ["system", "orders completed", "orders cancelled", "units sold", "units of completed orders", "units still reserved", "charges kept", "verdict"],
        [.. plan.Systems.Select(kind => AuditRow(kind, _loads[kind]))]);

    private static string[] AuditRow(SagaKind kind, List<SagaLoad> loads)
    {
        var audits = loads.Select(static load => load.Audit).OfType<SagaAudit>().ToArray();
        var wrong = loads.Select(static load => load.Wrong).OfType<string>().Distinct().ToArray();
        return
        [
            kind.Name,
            Sum(audits, static audit => audit.Completed),
            Sum(audits, static audit => audit.Cancelled),
            Sum(audits, static audit => audit.UnitsSold),
            Sum(audits, static audit => audit.UnitsOfCompleted),
            Sum(audits, static audit => audit.Reserved),
            Sum(audits, static audit => audit.Captured),
            wrong.Length == 0 ? "agrees" : string.Join("; ", wrong),
        ];
    }

    private Table KillTable() => new(
        string.Create(CultureInfo.InvariantCulture, $"Killed with {plan.KilledOrders} orders under way, {plan.Kills} times, and started again"),
        [
            "system", "unfinished when killed", "ended by themselves", "seconds at most", "stuck", "units they hold", "held by nobody",
            "gone without a completed order", "charged, not delivered", "charged twice", "told an end, and it was not",
        ],
        [.. plan.Systems.Select(kind => KillRow(kind, _kills[kind]))]);

    private string[] KillRow(SagaKind kind, List<SagaKill> kills)
    {
        if (_unkillable.TryGetValue(kind, out var reason)) return [kind.Name, reason, .. Enumerable.Repeat("", 9)];
        var audits = kills.Select(static kill => kill.Audit).ToArray();
        return
        [
            kind.Name,
            Sum(kills, static kill => kill.Unfinished),
            Sum(kills, static kill => kill.Finished),
            kills.Max(static kill => kill.Seconds).ToString("F1", CultureInfo.InvariantCulture),
            Sum(audits, static audit => audit.Open),
            Sum(audits, static audit => audit.Reserved - audit.HeldByNobody),
            Sum(audits, static audit => audit.HeldByNobody),
            Sum(audits, static audit => audit.UnitsAstray),
            Sum(audits, static audit => audit.ChargedNotDelivered),
            Sum(audits, static audit => audit.ChargedTwice),
            Sum(kills, static kill => kill.TakenBack),
        ];
    }

    private static string Sum<T>(IEnumerable<T> parts, Func<T, long> number) => parts.Sum(number).ToString("N0", CultureInfo.InvariantCulture);
}
