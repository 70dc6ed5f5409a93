using System.Globalization;
using System.Text.Json;
using Holdfast.Journal;

namespace Holdfast.Bench.Overload;

/// <summary>What became of the orders of a spell, by the journal.</summary>
internal static class Verdict
{
    /// <summary>An order has far fewer.</summary>
    private const int MaxRows = 64;

    public const string Header = "   times   sent/s   placed   refused    other  completed  not ended  completed/s of the spell  p50 ms  p99 ms  resident MB  cancelled";

    public static async Task<string> Of(Spell spell, IJournalStore store, CancellationToken cancellationToken)
    {
        var (completed, inTime, latencies) = (0, 0, new List<double>());
        var open = 0;
        var cancelled = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var order in spell.Placed)
        {
            var rows = await store.ReadForward($"order/{order}", 0, MaxRows, cancellationToken);
            var (type, reason) = End(rows);
            if (type == "order.completed")
            {
                completed++;
                if (rows[^1].RecordedAt < spell.End) inTime++;
                latencies.Add((rows[^1].RecordedAt - rows[0].RecordedAt).TotalMilliseconds);
            }
            else if (type == "order.cancelled")
            {
                cancelled[reason] = cancelled.GetValueOrDefault(reason) + 1;
            }
            else
            {
                open++;
            }
        }

        latencies.Sort();
        var seconds = (spell.End - spell.Start).TotalSeconds;
        var refused = spell.Answers.GetValueOrDefault(503);
        var all = spell.Answers.Values.Sum();
        var reasons = cancelled.Count == 0 ? "none" : string.Join(", ", cancelled.Select(static pair => $"{pair.Key} {pair.Value}"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{spell.Multiple,8}{all / seconds,9:N0}{spell.Placed.Count,9:N0}{refused,10:N0}{all - refused - spell.Placed.Count,9:N0}{completed,11:N0}{open,11:N0}{inTime / seconds,26:N0}{At(0.5),8:N0}{At(0.99),8:N0}{spell.Resident >> 20,13:N0}  {reasons}");

        double At(double share) => latencies.Count == 0 ? 0 : latencies[Math.Min(latencies.Count - 1, (int)(latencies.Count * share))];
    }

    private static (string Type, string Reason) End(IReadOnlyList<JournalRow> rows)
    {
        var (type, reason) = ("", "");
        foreach (var row in rows)
        {
            using var events = JsonDocument.Parse(row.Events);
            foreach (var @event in events.RootElement.EnumerateArray())
            {
                type = @event.GetProperty("type").GetString()!;
                if (@event.TryGetProperty("reason", out var said)) reason = said.GetString() ?? "";
            }
        }

        return (type, reason);
    }
}
