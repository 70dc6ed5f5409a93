using Holdfast.Bench.Measuring;
using Holdfast.Rig;

namespace Holdfast.Bench.Http;

/// <summary>One server of a comparison.</summary>
/// <param name="Prepare">Before each run of wrk, not measured: what is sent in it.</param>
internal sealed record HttpWay(string Name, HoldfastProcess Server, Func<CancellationToken, Task<HttpLoad>> Prepare)
{
    /// <summary>After each run, warm-ups included: what was answered.</summary>
    public Func<WrkReport, CancellationToken, Task> Ended { get; init; } = static (_, _) => Task.CompletedTask;
}

/// <summary>Like <see cref="Contest"/>, with servers that are processes of their own, and wrk for callers.</summary>
internal sealed class HttpContest(Plan plan, Wrk wrk, Progress progress, CancellationToken cancellationToken)
{
    public async Task<Comparison> Run(string title, params IReadOnlyList<HttpWay> ways)
    {
        var warm = double.PositiveInfinity;
        foreach (var way in ways) warm = Math.Min(warm, await WarmUp(title, way));
        var rounds = ways.Select(static _ => new List<Round>()).ToArray();
        for (var number = 1; number <= plan.Rounds; number++)
        {
            for (var i = 0; i < ways.Count; i++) rounds[i].Add(await RunRound(title, ways[i], number));
        }

        return new(title, plan.Clients, [.. ways.Select((way, i) => Standing.Of(way.Name, rounds[i]))]) { WarmUpSeconds = warm };
    }

    private async Task<double> WarmUp(string title, HttpWay way)
    {
        var seconds = 0.0;
        for (var number = 1; number <= plan.WarmUps; number++)
        {
            var (report, _) = await Send(title, way, "warm-up", plan.WarmUp.Time);
            seconds += report.Seconds;
        }

        return seconds;
    }

    private async Task<Round> RunRound(string title, HttpWay way, int number)
    {
        var (report, server) = await Send(title, way, $"round {number} of {plan.Rounds}", plan.Round.Time);
        if (report.Requests == 0) throw new BenchException($"{title}: {way.Name}: nothing was answered in a whole round.");
        return report.Round(server);
    }

    private async Task<(WrkReport Report, TimeSpan Server)> Send(string title, HttpWay way, string which, TimeSpan time)
    {
        progress.Say($"{title}: {way.Name}, {which}");
        var load = await way.Prepare(cancellationToken);
        var before = ProcessorTime.Of(way.Server.Id);
        var report = await wrk.Run(way.Server.Url, load, plan.Clients, time, cancellationToken);
        var server = ProcessorTime.Of(way.Server.Id) - before;
        report.ThrowIfFailed($"{title}: {way.Name}", looked: load.Expected is not null);
        await way.Ended(report, cancellationToken);
        return (report, server);
    }
}
