using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Bench.Replay;

/// <summary>What a replay measured and found.</summary>
/// <param name="Cancelled">Orders by the reason they were cancelled for.</param>
/// <param name="Unfinished">Orders that neither ended nor wait for an operator.</param>
/// <param name="OrderLines">Lines of the orders sent, one per SKU of an order.</param>
/// <param name="ReplayedAnswers">Answers that the server had given to an earlier try; when many, the rates are no measurement.</param>
/// <param name="Answers">HTTP answers by status, repeats included.</param>
/// <param name="LostAnswers">Requests that got none.</param>
public sealed record ReplayReport(
    string Run,
    string Server,
    string Stock,
    int Concurrency,
    DateTimeOffset At,
    int Orders,
    int Completed,
    IReadOnlyDictionary<string, int> Cancelled,
    int NeedsAttention,
    int Refused,
    int Unfinished,
    int Returns,
    int Products,
    long OrderLines,
    double Seconds,
    double OrdersPerSecond,
    double LinesPerSecond,
    Latencies LatencyMs,
    long HttpRetries,
    long ReplayedAnswers,
    IReadOnlyDictionary<int, long> Answers,
    long LostAnswers,
    bool Ok,
    IReadOnlyList<CheckResult> Checks)
{
    public static ReplayReport Of(
        ReplaySettings settings, string server, DateTimeOffset at, ReplayFacts facts, TimeSpan elapsed, HoldfastClient client)
    {
        var checks = Bench.Replay.Checks.Of(facts);
        var orders = facts.Orders;
        var lines = orders.Where(o => o.Refusal is null).Sum(o => (long)o.Invoice.Lines.Count);
        var accepted = orders.Count(o => o.Refusal is null);
        return new ReplayReport(
            settings.Run,
            server,
            settings.Stock.Text,
            settings.Concurrency,
            at,
            orders.Count,
            orders.Count(o => o.Final is { Completed: true }),
            orders.Where(o => o.Final is { Cancelled: true }).GroupBy(o => o.Final!.Reason ?? "no reason").ToDictionary(g => g.Key, g => g.Count()),
            orders.Count(o => o.Final is { NeedsAttention: true }),
            orders.Count - accepted,
            orders.Count(o => o.Refusal is null && o.Final is not ({ Ended: true } or { NeedsAttention: true })),
            facts.Returns.Count,
            facts.Skus.Count,
            lines,
            Math.Round(elapsed.TotalSeconds, 3),
            Math.Round(accepted / elapsed.TotalSeconds, 1),
            Math.Round(lines / elapsed.TotalSeconds, 1),
            Latencies.Of(orders.Select(o => o.Latency).OfType<TimeSpan>()),
            client.Retries,
            client.Replayed,
            client.Answers.Statuses,
            client.Answers.Lost,
            checks.All(check => check.Ok),
            checks);
    }

    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.ReplayReport);
}

/// <summary>Milliseconds to the final answer; 0 when no order ended.</summary>
public sealed record Latencies(double P50, double P90, double P99, double Max)
{
    public static Latencies Of(IEnumerable<TimeSpan> latencies)
    {
        var sorted = latencies.Select(l => l.TotalMilliseconds).Order().ToArray();
        return new Latencies(At(0.5), At(0.9), At(0.99), At(1));

        // The nearest rank: a time that some order really took, not one between two orders.
        double At(double share) => sorted.Length == 0 ? 0 : Math.Round(sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)], 1);
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(ReplayReport))]
public sealed partial class ReportJson : JsonSerializerContext;
