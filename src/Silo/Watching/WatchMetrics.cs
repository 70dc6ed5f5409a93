using System.Diagnostics.Metrics;
using Holdfast.Contracts;

namespace Holdfast.Silo.Watching;

/// <summary>The signs of races as instruments, on the meter <c>Holdfast.Races</c>.</summary>
internal sealed class WatchMetrics : IDisposable
{
    public const string MeterName = "Holdfast.Races";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _anomalies;

    public WatchMetrics(RaceSigns signs)
    {
        _meter.CreateObservableCounter(
            "holdfast.races",
            () => RaceSigns.All.Select(sign => new Measurement<long>(signs[sign], Tag(sign))),
            "{sign}",
            "Signs of races that this process has met, by sign. What is normal of each is in docs/design/watching.md.");
        _anomalies = _meter.CreateCounter<long>(
            "holdfast.anomalies", "{anomaly}", "How often a sign of races became more than this process is used to, by sign.");
    }

    public void RecordAnomaly(RaceSign sign) => _anomalies.Add(1, Tag(sign));

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(RaceSign sign) => new("sign", RaceSigns.NameOf(sign));
}
