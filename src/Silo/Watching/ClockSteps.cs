using Holdfast.Contracts;

namespace Holdfast.Silo.Watching;

/// <summary>Whether a machine's clock was set back: it has gone on by less than the time that has passed.</summary>
/// <param name="machine">The machine's clock, not the shared one, which never goes back.</param>
/// <remarks>For one thread.</remarks>
internal sealed class ClockSteps(TimeProvider machine)
{
    private DateTimeOffset _wall = machine.GetUtcNow();
    private long _timestamp = machine.GetTimestamp();

    /// <summary>True when it was set back since the last look.</summary>
    public bool Look()
    {
        var (wall, timestamp) = (machine.GetUtcNow(), machine.GetTimestamp());
        var back = machine.GetElapsedTime(_timestamp, timestamp) - (wall - _wall);
        (_wall, _timestamp) = (wall, timestamp);
        return back > RaceSigns.ClockTolerance;
    }
}
