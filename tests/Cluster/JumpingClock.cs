namespace Holdfast.Tests.Delivery;

/// <summary>A wall clock that can be set while the silo runs. Timers and measured durations stay real, as on a machine whose clock is set.</summary>
internal sealed class JumpingClock : TimeProvider
{
    private long _ahead;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Volatile.Read(ref _ahead));

    public void Jump(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);
}
