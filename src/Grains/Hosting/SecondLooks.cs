namespace Holdfast.Grains.Hosting;

/// <summary>
/// Whose turn it is to be held against the journal. A version check that does not check leaves no conflict behind, so nobody would hear of
/// it: now and then an owner that is about to store something looks first whether the journal still has what it stored before, and no more.
/// </summary>
/// <param name="clock">Only its timestamps are used.</param>
/// <remarks>Thread-safe.</remarks>
public sealed class SecondLooks(TimeProvider clock)
{
    /// <summary>From one look of a silo to the next: each costs the database one indexed read, and one owner that read's time.</summary>
    internal static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private readonly long _period = (long)(Period.TotalSeconds * clock.TimestampFrequency);
    private long _next = clock.GetTimestamp();

    /// <summary>True for one owner in each period: it is to look.</summary>
    /// <param name="timestamp">Now.</param>
    public bool TakeTurn(long timestamp)
    {
        var next = Volatile.Read(ref _next);
        return timestamp >= next && Interlocked.CompareExchange(ref _next, timestamp + _period, next) == next;
    }
}
