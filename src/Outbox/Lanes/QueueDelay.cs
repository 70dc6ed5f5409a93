namespace Holdfast.Outbox.Lanes;

/// <summary>
/// How long what comes now is going to wait in some lanes: what waits there, by how fast it has been taken lately. The age of the oldest
/// alone says so too late: at ten times the load that can be carried, what came in the second until the oldest is a second old waits for
/// ten. So the larger of both counts.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class QueueDelay
{
    /// <summary>Fewer are on their way to handlers that are free, and say nothing of how fast these are.</summary>
    private const int MinWaiting = 64;

    /// <summary>Over how long the pace is measured, seconds: a short stall of the store passes.</summary>
    private const double Span = 0.5;

    private LaneBacklog _before;
    private DateTimeOffset _at;
    private double _perSecond;

    /// <summary>Looks at the lanes again.</summary>
    /// <returns>The wait, as far as it is known.</returns>
    public TimeSpan Update(LaneBacklog lanes, DateTimeOffset now)
    {
        var elapsed = (now - _at).TotalSeconds;

        // Only while something waits all the time, it is the handlers that set the pace, and not those who ask.
        if (Math.Min(_before.Waiting, lanes.Waiting) >= MinWaiting && elapsed > 0) Measure(lanes.Started - _before.Started, elapsed);
        else if (lanes.Waiting < MinWaiting) _perSecond = 0;
        (_before, _at) = (lanes, now);
        var expected = _perSecond > 0 ? TimeSpan.FromSeconds(Math.Min(lanes.Waiting / _perSecond, TimeSpan.SecondsPerDay)) : TimeSpan.Zero;
        var age = lanes.OldestSince is { } since ? now - since : TimeSpan.Zero;
        return age > expected ? age : expected;
    }

    private void Measure(long started, double elapsed)
    {
        var share = _perSecond > 0 ? elapsed / (elapsed + Span) : 1;
        _perSecond += ((started / elapsed) - _perSecond) * share;
    }
}
