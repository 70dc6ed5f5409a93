using Holdfast.Journal;
using Microsoft.Extensions.Logging;

namespace Holdfast.Outbox.Lanes;

/// <summary>
/// One lane as this silo sees it: whether it is this silo's, what of it is in hand, and when its table is read. While the silo owns
/// the lane, messages arrive straight from commits; the table is read for everything else.
/// </summary>
/// <remarks>
/// Thread-safe, and waits for nothing: the writer's thread offers, the pulling agent takes, handlers finish, the next owner asks.
/// </remarks>
public sealed partial class Lane(int number, OutboxOptions options, TimeProvider clock, ILogger logger)
{
    /// <summary>
    /// A lane that another silo asked for, and that is not handed back within this time, is taken up again: the other one was
    /// wrong, and nobody would read it.
    /// </summary>
    private static readonly TimeSpan YieldPatience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly InHand _inHand = new(options);
    private readonly ReadTimes _reads = new(options);
    private TaskCompletionSource? _idle;
    private volatile bool _owned;
    private bool _closed;
    private DateTimeOffset? _resumeAt;
    private SiloAddress? _heir;

    public int Number => number;

    /// <summary>This silo takes messages of the lane.</summary>
    public bool IsOwned => _owned;

    /// <summary>The silo that asked for the lane; it may know of the change of owners before this one does.</summary>
    public SiloAddress? Heir
    {
        get
        {
            lock (_lock) return _heir;
        }
    }

    /// <summary>When the table could no longer be read; null when the last read succeeded.</summary>
    public DateTimeOffset? UnreadableSince
    {
        get
        {
            lock (_lock) return _reads.UnreadableSince;
        }
    }

    /// <summary>What is due and has not been taken yet.</summary>
    public LaneBacklog Backlog
    {
        get
        {
            lock (_lock) return _inHand.Backlog;
        }
    }

    /// <summary>Starts taking messages: the table is read at once, and again a moment later.</summary>
    /// <param name="running">Messages whose handlers still run at the previous owner.</param>
    /// <param name="previous">That owner.</param>
    public void TakeOver(IReadOnlyList<Guid> running, SiloAddress? previous)
    {
        lock (_lock)
        {
            if (_closed) return;
            _inHand.LeaveElsewhere(running, previous, clock.GetUtcNow());
            Own();
        }
    }

    /// <summary>
    /// Stops taking messages and forgets all whose handlers have not started: the rows are the truth, and another owner reads
    /// them. What runs goes on to its end: waiting for it here would hold up the next change of owners.
    /// </summary>
    public void HandBack()
    {
        lock (_lock)
        {
            Disown();
            _resumeAt = null;
        }
    }

    /// <summary>
    /// The next owner asks for the lane. It is told what still runs here, and is told again when each of these has ended.
    /// </summary>
    public IReadOnlyList<Guid> Yield(SiloAddress heir)
    {
        lock (_lock)
        {
            if (_owned) _resumeAt = clock.GetUtcNow() + YieldPatience;
            Disown();
            _heir = heir;

            // The pulling agent may wait for much later than that.
            _reads.Wake();
            return _inHand.Running();
        }
    }

    /// <summary>Hands the lane back for good; completes when nothing runs any more.</summary>
    public Task Close()
    {
        lock (_lock)
        {
            _closed = true;
            Disown();
            _resumeAt = null;
            if (_inHand.IsIdle) return Task.CompletedTask;
            _idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    /// <summary>
    /// A row that was just committed. Dropped from memory when the queue is full: the table keeps it. False when this silo does not
    /// own the lane.
    /// </summary>
    public bool Offer(OutboxMessage message)
    {
        lock (_lock)
        {
            if (!_owned) return false;
            var now = clock.GetUtcNow();
            if (message.DueAt > now) _reads.NoLaterThan(message.DueAt);
            else if (_inHand.TryQueue(message, fromTable: false, now)) _reads.Wake();
            return true;
        }
    }

    /// <summary>Something may be in the table that nobody offered.</summary>
    public void Nudge()
    {
        lock (_lock)
        {
            _reads.AtOnce();
            _reads.Wake();
        }
    }

    /// <summary>
    /// The consumer accepts a delivery. False when the message is not this silo's to run: the lane was handed back meanwhile, the
    /// delivery was repeated, or the consumer was activated where the lane is not.
    /// </summary>
    public bool TryStart(OutboxMessage message)
    {
        lock (_lock) return _inHand.TryStart(message.Id, clock.GetUtcNow());
    }

    /// <summary>The handler has finished, one way or the other, and the row says so.</summary>
    /// <param name="dueAgain">When the message is to be delivered again.</param>
    /// <returns>The lane's new owner, which waits to hear of it; null when there is none.</returns>
    public SiloAddress? Finished(OutboxMessage message, DateTimeOffset? dueAgain = null)
    {
        lock (_lock)
        {
            if (!_inHand.Remove(message.Id)) return null;
            if (_inHand.IsIdle) _idle?.TrySetResult();
            if (dueAgain is { } due) _reads.NoLaterThan(due);
            _reads.Wake();
            return _owned ? null : _heir;
        }
    }

    /// <summary>A handler that ran at the lane's previous owner has ended.</summary>
    public void EndedElsewhere(Guid message, DateTimeOffset? dueAgain)
    {
        lock (_lock)
        {
            if (_inHand.RemoveElsewhere(message) && dueAgain is { } due) _reads.NoLaterThan(due);
        }
    }

    /// <summary>Handlers that ran at silos that are no more will not end.</summary>
    public void ForgetDead(Func<SiloAddress, bool> isActive)
    {
        lock (_lock)
        {
            if (_inHand.RemoveDead(isActive)) _reads.AtOnce();
        }
    }

    /// <summary>Completes when something has changed since it was asked for.</summary>
    internal Task NextChange()
    {
        lock (_lock) return _reads.NextChange();
    }

    internal bool ReadIsDue()
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            if (_resumeAt is { } resumeAt && now >= resumeAt)
            {
                LogTakenUpAgain(number, _heir);
                Own();
            }

            return _owned && now >= _reads.Next;
        }
    }

    /// <summary>How long nothing has to be looked for unless something changes.</summary>
    internal TimeSpan UntilNextLook()
    {
        lock (_lock)
        {
            var wait = (_owned ? _reads.Next : _resumeAt ?? DateTimeOffset.MaxValue) - clock.GetUtcNow();
            return wait < options.SweepPeriod ? wait : options.SweepPeriod;
        }
    }

    internal List<LaneDelivery> TakeReady(int limit)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            var taken = _inHand.Take(limit, now);
            if (taken.Count > 0 && _inHand.HasRoomForTable) _reads.NoLaterThan(now);
            return taken;
        }
    }

    /// <summary>The table is about to be read, for what is due at the time that is returned.</summary>
    internal DateTimeOffset BeginRead()
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            _reads.Begin(now);
            _inHand.BeginRead(now);
            return now;
        }
    }

    /// <summary>Queues rows of the table; false when there is no room for all of them, or the lane is not this silo's any more.</summary>
    internal bool TryQueue(IReadOnlyList<OutboxMessage> rows)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            foreach (var row in rows)
            {
                if (!_owned || !_inHand.TryQueue(row, fromTable: true, now)) return false;
            }

            return true;
        }
    }

    /// <param name="next">When the next row becomes due.</param>
    internal void EndRead(DateTimeOffset? next)
    {
        lock (_lock)
        {
            _reads.Succeed();
            if (_owned) _inHand.EndRead();
            if (next is { } due) _reads.NoLaterThan(due);
        }
    }

    /// <param name="began">When the read began that failed.</param>
    internal void FailRead(DateTimeOffset began)
    {
        lock (_lock) _reads.Fail(began);
    }

    private void Own()
    {
        _owned = true;
        _resumeAt = null;
        _heir = null;
        _reads.AtOnce();
        _reads.Wake();
    }

    private void Disown()
    {
        _owned = false;
        _inHand.KeepRunning();
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Lane {Lane} was asked for by {Heir} but is still this silo's; it is taken up again")]
    private partial void LogTakenUpAgain(int lane, SiloAddress? heir);
}
