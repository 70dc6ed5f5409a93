using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Bench.Chaos;
using Holdfast.Bench.Replay;

namespace Holdfast.Bench.Stalls;

/// <summary>What became of a shop's orders while its database stood still again and again.</summary>
/// <param name="Stuck">Orders that had neither ended nor asked for an operator's attention when nothing had moved for the whole patience.</param>
/// <param name="Logs">Where the processes' logs are; null when they are gone, since all checks held.</param>
/// <param name="Errors">Error lines in the logs.</param>
/// <param name="Ok">None is stuck, and all checks held.</param>
public sealed record StallsReport(
    IReadOnlyList<StallKind> Kinds,
    int Stalls,
    double StallSeconds,
    int Orders,
    IReadOnlyList<string> Stuck,
    bool Ok,
    string? Logs,
    IReadOnlyList<CheckResult> Checks,
    IReadOnlyList<LoggedErrors> Errors,
    ReplayReport Replay)
{
    public string ToJson() => JsonSerializer.Serialize(this, StallsJson.Default.StallsReport);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(StallsReport))]
internal sealed partial class StallsJson : JsonSerializerContext;
