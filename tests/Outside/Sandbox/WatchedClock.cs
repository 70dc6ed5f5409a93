using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Holdfast.Tests.Outside.Sandbox;

/// <summary>A clock that stands still, and tells when somebody has begun to wait on it: only then is it of use to advance it.</summary>
internal sealed class WatchedClock() : FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero))
{
    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _waits.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>How long the next (or an earlier, not yet reported) wait is.</summary>
    public async Task<TimeSpan> NextWait() => await _waits.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
}
