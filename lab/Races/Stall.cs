namespace Holdfast.Lab.Races;

/// <summary>
/// A pause of one client between what it read and what it writes, as a collection of garbage, a moved virtual machine or a slow
/// network make it. Every strategy with a gap there passes through it; it is armed in one bout of each only.
/// </summary>
internal sealed class Stall(TimeProvider clock)
{
    /// <summary>Long enough for a lock to expire, and for others to get it.</summary>
    public static readonly TimeSpan Duration = 2.5 * RedisLockLife;

    private int _armed;

    /// <summary>How long a Redis lock lasts when its holder does not give it back.</summary>
    public static TimeSpan RedisLockLife => TimeSpan.FromMilliseconds(100);

    /// <summary>Whether the armed stall met a client.</summary>
    public bool Happened => Volatile.Read(ref _armed) == 0;

    /// <summary>The next client to come stalls; the others do not.</summary>
    public void Arm() => _armed = 1;

    public void Disarm() => _armed = 0;

    public Task Pass() =>
        Volatile.Read(ref _armed) == 1 && Interlocked.Exchange(ref _armed, 0) == 1 ? Task.Delay(Duration, clock) : Task.CompletedTask;
}
