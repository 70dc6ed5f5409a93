using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Bench.Replay;

namespace Holdfast.Bench.Chaos;

/// <summary>What a cluster under kills did, and how fast it came back.</summary>
/// <param name="Logs">Where the processes' logs are; null when they are gone, since all checks held.</param>
/// <param name="PausedCommits">Appends that were stopped in their middle.</param>
/// <param name="SlowTransactions">Transactions of others that kept their place open.</param>
/// <param name="Recoveries">For each kind of process that was killed.</param>
/// <param name="Probes">What the probes saw, kills or not.</param>
/// <param name="Errors">Error lines in the logs.</param>
/// <param name="Ok">All checks held, the replay's and those of the chaos itself.</param>
public sealed record ChaosReport(
    int Seed,
    int Silos,
    int FrontDoors,
    double EverySeconds,
    bool Ok,
    string? Logs,
    IReadOnlyList<Kill> Kills,
    int PausedCommits,
    int SlowTransactions,
    IReadOnlyList<Recovery> Recoveries,
    ProbeReport Probes,
    IReadOnlyList<CheckResult> Checks,
    IReadOnlyList<LoggedErrors> Errors,
    ReplayReport Replay)
{
    public string ToJson() => JsonSerializer.Serialize(this, ChaosJson.Default.ChaosReport);
}

/// <param name="LatencyMs">From the first attempt of an increment to its answer.</param>
public sealed record ProbeReport(int Counters, long Increments, Latencies LatencyMs, IReadOnlyDictionary<int, long> Answers, long LostAnswers);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(ChaosReport))]
internal sealed partial class ChaosJson : JsonSerializerContext;
