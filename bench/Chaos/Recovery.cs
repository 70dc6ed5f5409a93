using Holdfast.Bench.Replay;

namespace Holdfast.Bench.Chaos;

/// <summary>An answer of a key that was late, or not the first attempt's. Times are since the probes began.</summary>
/// <param name="Started">The first attempt.</param>
/// <param name="Noticed">An attempt had failed, or the prompt time had passed.</param>
/// <param name="Answered">The first success.</param>
public sealed record Trouble(string Key, TimeSpan Started, TimeSpan Noticed, TimeSpan Answered)
{
    /// <summary>An answer that takes longer is late.</summary>
    public static readonly TimeSpan Prompt = TimeSpan.FromMilliseconds(250);

    /// <summary>Not so when an attempt failed and the next one, at another front door, succeeded at once.</summary>
    public bool IsLate => Answered - Started > Prompt;
}

/// <summary>How long keys were away after kills of one kind: until they answered again, and until they had answered promptly for a second.</summary>
/// <param name="Keys">Keys away, summed over the kills.</param>
/// <param name="AgainMs">From the kill to a key's first answer, as a client saw it that gives each attempt a second.</param>
/// <param name="AwayMs">
/// From the kill to the last late answer of a key. On a machine that is busy starting the process again, answers are late for that alone.
/// </param>
/// <param name="LaterMs">
/// Answers that came late after that, each from its request: what the restart, or the machine, did to keys that were back.
/// </param>
/// <param name="DownMs">From the kill until the process was ready again.</param>
public sealed record Recovery(Part Part, int Kills, int Keys, Latencies AgainMs, Latencies AwayMs, int Later, Latencies LaterMs, Latencies DownMs)
{
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(1);

    public static IReadOnlyList<Recovery> Of(IReadOnlyList<Kill> kills, IEnumerable<Trouble> troubles)
    {
        // A trouble belongs to the last kill before it was noticed.
        var keys = troubles
            .Select(trouble => (Trouble: trouble, Kill: kills.LastOrDefault(kill => kill.At <= trouble.Noticed)))
            .Where(static pair => pair.Kill is not null)
            .GroupBy(static pair => (pair.Kill, pair.Trouble.Key))
            .Select(static same => (same.Key.Kill!.Part, Times: Times(same.Key.Kill.At, [.. same.Select(static pair => pair.Trouble)])))
            .ToLookup(static key => key.Part, static key => key.Times);
        return
        [
            .. kills.GroupBy(static kill => kill.Part).OrderBy(static same => same.Key).Select(same => new Recovery(
                same.Key,
                same.Count(),
                keys[same.Key].Count(static times => times.Away > TimeSpan.Zero),
                Latencies.Of(keys[same.Key].Select(static times => times.Again).Where(static again => again > TimeSpan.Zero)),
                Latencies.Of(keys[same.Key].Select(static times => times.Away).Where(static away => away > TimeSpan.Zero)),
                keys[same.Key].Sum(static times => times.Later.Length),
                Latencies.Of(keys[same.Key].SelectMany(static times => times.Later)),
                Latencies.Of(same.Select(static kill => kill.Down)))),
        ];
    }

    /// <summary>One key after one kill. Nothing but trouble at once begins its absence, and only late answers go on with it.</summary>
    private static (TimeSpan Again, TimeSpan Away, TimeSpan[] Later) Times(TimeSpan kill, Trouble[] troubles)
    {
        var (again, back) = (kill, kill);
        var later = new List<TimeSpan>();
        foreach (var trouble in troubles.OrderBy(static trouble => trouble.Started))
        {
            if (trouble.Started - back < Calm && (trouble.IsLate || back == kill))
            {
                if (again == kill) again = trouble.Answered;
                back = trouble.Answered;
            }
            else if (trouble.IsLate) later.Add(trouble.Answered - trouble.Started);
        }

        return (again - kill, back - kill, [.. later]);
    }
}
