using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Journal;

/// <summary>
/// The time that all silos share: moments are stored and sent, and compared on other machines. With a shared database it is the
/// database's, as each silo's sign of life finds it twice a second, and goes on by itself between. Without one it is the machine's, which
/// may be set ahead under us, but not back: what is due would wait until the clock has come to it again.
/// </summary>
/// <remarks>Thread-safe. Timers and elapsed time are the machine's.</remarks>
public sealed class ClusterClock(TimeProvider machine) : TimeProvider
{
    /// <summary>How far apart clocks may be before a process is not ready: everything that compares them has patience of a few seconds more.</summary>
    public static readonly TimeSpan MaxSkew = TimeSpan.FromSeconds(5);

    /// <summary>Smaller differences are how long the answer took, or how finely the clock ticks.</summary>
    private static readonly TimeSpan Noise = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private volatile Anchor _anchor = new(machine.GetUtcNow(), machine.GetTimestamp(), Shared: false);
    private long _skew;

    /// <summary>How far the machine's clock is ahead of the shared one.</summary>
    public TimeSpan Skew => TimeSpan.FromTicks(Volatile.Read(ref _skew));

    /// <summary>A database has said what time it is.</summary>
    public bool IsShared => _anchor.Shared;

    public override TimeZoneInfo LocalTimeZone => machine.LocalTimeZone;

    public override long TimestampFrequency => machine.TimestampFrequency;

    public override DateTimeOffset GetUtcNow()
    {
        var anchor = _anchor;
        var now = anchor.At + machine.GetElapsedTime(anchor.Timestamp);
        if (anchor.Shared) return now;
        var wall = machine.GetUtcNow();
        return wall - now <= Noise ? now : SetAhead(wall);
    }

    public override long GetTimestamp() => machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        machine.CreateTimer(callback, state, dueTime, period);

    /// <summary>The database has said what time it is.</summary>
    /// <param name="now">The database's time, when it answered.</param>
    /// <param name="asked">This machine's timestamp before it was asked.</param>
    public void Follow(DateTimeOffset now, long asked)
    {
        var answered = machine.GetTimestamp();
        var travel = machine.GetElapsedTime(asked, answered);
        lock (_lock)
        {
            var anchor = _anchor;
            var difference = (anchor.At + machine.GetElapsedTime(anchor.Timestamp, answered) - now).Duration();

            // An answer that was long under way says no more than that.
            if (!anchor.Shared || difference > Noise + travel) _anchor = anchor = new(now, answered, Shared: true);
            Volatile.Write(ref _skew, (machine.GetUtcNow() - (anchor.At + machine.GetElapsedTime(anchor.Timestamp))).Ticks);
        }
    }

    private DateTimeOffset SetAhead(DateTimeOffset wall)
    {
        lock (_lock)
        {
            if (!_anchor.Shared) _anchor = new(wall, machine.GetTimestamp(), Shared: false);
            return wall;
        }
    }

    private sealed record Anchor(DateTimeOffset At, long Timestamp, bool Shared);
}

public static class ClusterClockExtensions
{
    /// <summary>Puts the shared time in the place of the machine's, for everything but Orleans, which compares no machines' clocks.</summary>
    public static IServiceCollection AddClusterClock(this IServiceCollection services)
    {
        var machine = services.LastOrDefault(static service => service.ServiceType == typeof(TimeProvider) && !service.IsKeyedService);
        services.AddSingleton(provider => new ClusterClock(
            machine?.ImplementationInstance as TimeProvider
            ?? machine?.ImplementationFactory?.Invoke(provider) as TimeProvider
            ?? TimeProvider.System));
        services.AddSingleton<TimeProvider>(static provider => provider.GetRequiredService<ClusterClock>());
        services.AddKeyedSingleton(KeyedService.AnyKey, static (_, _) => TimeProvider.System);
        return services;
    }
}
