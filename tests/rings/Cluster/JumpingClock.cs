using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Rings.Cluster;

/// <summary>A wall clock that can be set while the silo runs. Timers and measured durations stay real, as on a machine whose clock is set.</summary>
internal sealed class JumpingClock : TimeProvider
{
    private long _ahead;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Volatile.Read(ref _ahead));

    public void Jump(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);

    public void Install(ISiloBuilder silo)
    {
        silo.Services.AddSingleton<TimeProvider>(this);

        // Orleans reads the machine's clock here and the injected one there; what it would make of the difference is no fault of ours.
        silo.Services.AddKeyedSingleton(KeyedService.AnyKey, static (_, _) => System);
    }
}
