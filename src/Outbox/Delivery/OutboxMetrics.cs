using System.Diagnostics.Metrics;
using Holdfast.Journal.Writing;

namespace Holdfast.Outbox.Delivery;

/// <summary>The outbox's instrument, on the journal's meter.</summary>
public static class OutboxMetrics
{
    private static readonly Meter Meter = new(JournalMetrics.MeterName);
    private static readonly Counter<long> Messages = Meter.CreateCounter<long>("holdfast.outbox.messages", "{message}");

    /// <param name="result">finished, failed, postponed or parked.</param>
    public static void RecordMessage(string type, string result) => Messages.Add(1, new("type", type), new("result", result));
}
