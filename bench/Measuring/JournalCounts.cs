using System.Diagnostics.Metrics;
using Holdfast.Journal.Writing;

namespace Holdfast.Bench.Measuring;

/// <summary>What the journal's own instruments counted since this was made.</summary>
internal sealed class JournalCounts : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _appends;
    private long _batches;
    private long _messages;

    public JournalCounts()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == JournalMetrics.MeterName) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, count, _, _) => Count(instrument, count));
        _listener.SetMeasurementEventCallback<int>((instrument, size, _, _) => Count(instrument, size));
        _listener.Start();
    }

    public long Appends => Interlocked.Read(ref _appends);

    /// <summary>Transactions that held an append.</summary>
    public long Batches => Interlocked.Read(ref _batches);

    /// <summary>Ends of a message's handler.</summary>
    public long Messages => Interlocked.Read(ref _messages);

    public void Dispose() => _listener.Dispose();

    private void Count(Instrument instrument, long number)
    {
        switch (instrument.Name)
        {
            case "holdfast.journal.appends":
                Interlocked.Add(ref _appends, number);
                break;
            case "holdfast.journal.batch.size" when number > 0:
                Interlocked.Increment(ref _batches);
                break;
            case "holdfast.outbox.messages":
                Interlocked.Add(ref _messages, number);
                break;
        }
    }
}
