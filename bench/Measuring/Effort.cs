using System.Diagnostics;

namespace Holdfast.Bench.Measuring;

/// <summary>How long a round lasts: some time, or a number of operations.</summary>
internal readonly record struct Effort
{
    private readonly TimeSpan _time;
    private readonly long _operations;

    private Effort(TimeSpan time, long operations) => (_time, _operations) = (time, operations);

    /// <summary>Zero for a number of operations.</summary>
    public TimeSpan Time => _time;

    public static Effort For(TimeSpan time) => new(time, 0);

    public static Effort Of(long operations) => new(default, operations);

    /// <summary>Starts now; the function says whether one more operation may begin.</summary>
    public Func<bool> Start()
    {
        if (_operations > 0)
        {
            var left = _operations;
            return () => Interlocked.Decrement(ref left) >= 0;
        }

        var end = Stopwatch.GetTimestamp() + (long)(_time.TotalSeconds * Stopwatch.Frequency);
        return () => Stopwatch.GetTimestamp() < end;
    }
}
