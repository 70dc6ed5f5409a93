using Holdfast.Journal;
using Holdfast.Outbox.Lanes;
using Microsoft.Extensions.Logging;

namespace Holdfast.Outbox.Delivery;

/// <summary>
/// Has the feed read when its lane says so: a commit has published something here or on another silo, or a while has passed. One pass at a
/// time; what is published meanwhile is for the next.
/// </summary>
public sealed partial class FeedRunner(
    OutboxLanes lanes, IEnumerable<IFeedFollower> followers, TimeProvider clock, ILogger<FeedRunner> logger) : IDisposable
{
    /// <summary>
    /// From one pass that found something to the next, at least. Several changes of one thing come within it: what is made of the feed is
    /// written once for all of them.
    /// </summary>
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(40);

    /// <summary>And at most: one pass that took long is no reason to be late with the next.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(150);

    /// <summary>How many times as long as a pass the pause behind it is: where passes take long, the machine has other work, too.</summary>
    private const int PauseShare = 6;

    /// <summary>How often it is looked when nothing calls for it: what another silo published may have been said to nobody.</summary>
    private static readonly TimeSpan IdlePause = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a stopping silo waits for a pass: it ends with the statement that it has in hand.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    private readonly Lane _lane = lanes[LaneNumbers.Of(LaneClass.Feed).First];
    private readonly RepeatedFailures _failures = new(clock);
    private readonly CancellationTokenSource _stopping = new();
    private volatile Task _pass = Task.CompletedTask;

    /// <summary>Completes when no pass is under way.</summary>
    public Task Idle => _pass;

    /// <summary>Starts a pass, unless one is under way, and returns. Never throws.</summary>
    public void Start()
    {
        if (!_pass.IsCompleted || _stopping.IsCancellationRequested) return;
        var stopping = _stopping.Token;
        _pass = Task.Run(() => Pass(stopping));
    }

    /// <summary>Ends the pass that is under way, and lets no other begin.</summary>
    /// <returns>Completes when none is under way, or it has been waited for long enough: a disk may be stalled.</returns>
    public async Task Stop()
    {
        await _stopping.CancelAsync();
        await Task.WhenAny(_pass, Task.Delay(StopTimeout, clock));
    }

    public void Dispose()
    {
        // A silo that did not come up was not stopped.
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private async Task Pass(CancellationToken stopping)
    {
        var (began, started) = (clock.GetUtcNow(), clock.GetTimestamp());
        try
        {
            var found = false;
            foreach (var follower in followers) found |= await follower.Follow(() => _lane.IsOwned, stopping);
            if (found) await Task.Delay(PauseAfter(clock.GetElapsedTime(started)), clock, stopping);
            _lane.EndRead(clock.GetUtcNow() + (found ? TimeSpan.Zero : IdlePause));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // What is made of the feed falls behind, and says so; the next sweep tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (_failures.IsDue(exception.GetType().Name, out var others)) LogFailed(exception, others);
            _lane.FailRead(began);
        }
    }

    private static TimeSpan PauseAfter(TimeSpan pass) =>
        TimeSpan.FromTicks(Math.Clamp(pass.Ticks * PauseShare, BusyPause.Ticks, LongestPause.Ticks));

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The feed could not be followed; it is tried again at the next sweep "
            + "({Others} more like it since the last such line)")]
    private partial void LogFailed(Exception exception, int others);
}
