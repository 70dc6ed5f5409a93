using System.Diagnostics.Metrics;

namespace Holdfast.Journal.Writing;

/// <summary>The journal's instruments, on the meter <c>Holdfast.Journal</c>.</summary>
public static class JournalMetrics
{
    public const string MeterName = "Holdfast.Journal";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> Appends = Meter.CreateCounter<long>("holdfast.journal.appends", "{append}");
    private static readonly Histogram<int> BatchSize = Meter.CreateHistogram<int>("holdfast.journal.batch.size", "{append}");
    private static readonly Histogram<double> BatchDuration = Meter.CreateHistogram<double>("holdfast.journal.batch.duration", "s");
    private static readonly Counter<long> Snapshots = Meter.CreateCounter<long>("holdfast.snapshots", "{snapshot}");
    private static readonly Gauge<double> ClockSkew = Meter.CreateGauge<double>("holdfast.clock.skew", "s", "How far the machine's clock is ahead of the database's.");
    private static readonly Counter<long> Attention = Meter.CreateCounter<long>("holdfast.attention", "{owner}");

    private static readonly KeyValuePair<string, object?>[] StatusTags =
        [.. Enum.GetNames<AppendStatus>().Select(name => new KeyValuePair<string, object?>("status", name))];

    public static void RecordAppend(AppendStatus status) => Appends.Add(1, StatusTags[(int)status]);

    public static void RecordBatch(int appends, TimeSpan duration)
    {
        BatchSize.Record(appends);
        BatchDuration.Record(duration.TotalSeconds);
    }

    public static void RecordSkew(TimeSpan skew) => ClockSkew.Record(skew.TotalSeconds);

    /// <param name="result">written, failed or skipped.</param>
    public static void RecordSnapshot(string result) => Snapshots.Add(1, new KeyValuePair<string, object?>("result", result));

    /// <summary>An owner has come to need somebody's attention.</summary>
    /// <param name="reason">A code.</param>
    public static void RecordAttention(string kind, string reason) => Attention.Add(1, new("kind", kind), new("reason", reason));
}
