using System.Collections.Concurrent;
using System.Globalization;
using Holdfast.Bench.Replay;

namespace Holdfast.Bench.Counters;

/// <summary>A counter as its callers saw it.</summary>
internal sealed class TestedCounter(string name, string way)
{
    private const int OffendersKept = 5;

    private readonly ConcurrentQueue<TimeSpan> _took = new();
    private readonly ConcurrentQueue<string> _wentBack = new();
    private readonly List<double> _perSecond = [];
    private long _acknowledged;
    private long _seen;
    private int _reads;
    private int _backwards;

    public string Name => name;

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>The highest value that anybody was told: no read that begins now may tell a lower one.</summary>
    public long Seen => Interlocked.Read(ref _seen);

    /// <param name="took">Null when it does not count.</param>
    public void Acknowledge(TimeSpan? took)
    {
        Interlocked.Increment(ref _acknowledged);
        if (took is { } time) _took.Enqueue(time);
    }

    /// <param name="least">What had been seen when the read began.</param>
    public void See(long value, long least)
    {
        Interlocked.Increment(ref _reads);
        if (value < least && Interlocked.Increment(ref _backwards) <= OffendersKept)
            _wentBack.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{value} after {least}"));
        for (var seen = Seen; value > seen; seen = Seen) Interlocked.CompareExchange(ref _seen, value, seen);
    }

    public void Note(double perSecond) => _perSecond.Add(perSecond);

    /// <summary>Every increment was answered, so the value is as many.</summary>
    public CheckResult Is(long value) => new(
        $"{way}: the value is what was acknowledged",
        1,
        value == Acknowledged ? 0 : 1,
        value == Acknowledged ? [] : [string.Create(CultureInfo.InvariantCulture, $"{value}, {Acknowledged} acknowledged")]);

    public CheckResult NeverWentBack() =>
        new($"{way}: no read is lower than one that was answered before it began", _reads, _backwards, [.. _wentBack]);

    public CounterFigures Figures() => new(way, _perSecond, Latencies.Of(_took), _reads);
}
