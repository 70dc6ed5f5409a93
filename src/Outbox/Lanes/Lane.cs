using Holdfast.Journal;
using Microsoft.Extensions.Logging;

namespace Holdfast.Outbox.Lanes;

/// <summary>
/// One lane as this silo sees it: messages that are ready, and those that are in hand (ready, with the pulling agent, or with a
/// handler that has not finished). While the silo owns the lane, messages arrive straight from commits; the table is read for
/// everything else.
/// </summary>
/// <remarks>Thread-safe: the writer's thread offers, the pulling agent takes, handlers finish, the next owner asks.</remarks>
public sealed partial class Lane(int number, IJournalStore store, OutboxOptions options, RepeatedFailures failures, TimeProvider clock, ILogger logger)
{
    /// <summary>A delivery that no consumer accepts for so long was lost on its way, or came to another silo.</summary>
    private static readonly TimeSpan AcceptLease = TimeSpan.FromSeconds(10);

    /// <summary>How long a message is left to the handler that still runs at the lane's previous owner, which says when it ends.</summary>
    private static readonly TimeSpan ElsewhereLease = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A lane that another silo asked for, and that is not handed back within this time, is taken up again: the other one was
    /// wrong, and nobody would read it.
    /// </summary>
    private static readonly TimeSpan YieldPatience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, InHand> _inHand = [];
    private readonly Queue<LaneDelivery> _ready = [];
    private TaskCompletionSource _signal = NewSignal();
    private TaskCompletionSource? _idle;
    private volatile bool _owned;
    private bool _closed;
    private DateTimeOffset _readAt = DateTimeOffset.MaxValue;
    private DateTimeOffset? _resumeAt;
    private DateTimeOffset? _unreadableSince;
    private SiloAddress? _heir;
    private int _taken;
    private long _started;

    // Due since when the first row is that found no room in memory. What the table holds behind it is not counted.
    private DateTimeOffset? _leftInTable;
    private DateTimeOffset? _leftSinceRead;

    /// <summary>Where a message is that need not be read again.</summary>
    private enum Place
    {
        /// <summary>In the queue in memory.</summary>
        Ready = 0,

        /// <summary>With the pulling agent, on its way to the consumer.</summary>
        Taken = 1,

        /// <summary>With its handler.</summary>
        Running = 2,

        /// <summary>With its handler at the lane's previous owner.</summary>
        Elsewhere = 3,
    }

    private readonly record struct InHand(Place Place, DateTimeOffset Since, SiloAddress? At = null);

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
            lock (_lock) return _unreadableSince;
        }
    }

    /// <summary>What is due and has not been taken yet.</summary>
    public LaneBacklog Backlog
    {
        get
        {
            lock (_lock)
            {
                var oldest = _leftInTable;

                // Of one whose earlier run outlived its lease and has ended now, nothing is known any more.
                if (_ready.TryPeek(out var first) && _inHand.TryGetValue(first.Message.Id, out var held) && !(oldest < held.Since)) oldest = held.Since;
                return new(_ready.Count, oldest, _started);
            }
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
            var now = clock.GetUtcNow();
            foreach (var id in running) _inHand.TryAdd(id, new(Place.Elsewhere, now, previous));
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

    /// <summary>The next owner asks for the lane. It is told what still runs here, and is told again when each of these has ended.</summary>
    public IReadOnlyList<Guid> Yield(SiloAddress heir)
    {
        lock (_lock)
        {
            if (_owned) _resumeAt = clock.GetUtcNow() + YieldPatience;
            Disown();
            _heir = heir;

            // The pulling agent may wait for much later than that.
            Signal();
            return [.. _inHand.Where(static entry => entry.Value.Place == Place.Running).Select(static entry => entry.Key)];
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
            if (_taken == 0) return Task.CompletedTask;
            _idle ??= NewSignal();
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
            if (message.DueAt > clock.GetUtcNow()) ReadNoLaterThan(message.DueAt);
            else if (TryQueue(message, fromTable: false)) Signal();
            return true;
        }
    }

    /// <summary>Something may be in the table that nobody offered.</summary>
    public void Nudge()
    {
        lock (_lock) ReadNoLaterThan(DateTimeOffset.MinValue);
        Signal();
    }

    /// <summary>
    /// The consumer accepts a delivery. False when the message is not this silo's to run: the lane was handed back meanwhile, the
    /// delivery was repeated, or the consumer was activated where the lane is not.
    /// </summary>
    public bool TryStart(OutboxMessage message)
    {
        lock (_lock)
        {
            if (!_inHand.TryGetValue(message.Id, out var held) || held.Place != Place.Taken) return false;

            // The lease starts when the handler does, however long the message waited for it.
            _inHand[message.Id] = new(Place.Running, clock.GetUtcNow());
            return true;
        }
    }

    /// <summary>The handler has finished, one way or the other, and the row says so.</summary>
    /// <param name="dueAgain">When the message is to be delivered again.</param>
    /// <returns>The lane's new owner, which waits to hear of it; null when there is none.</returns>
    public SiloAddress? Finished(OutboxMessage message, DateTimeOffset? dueAgain = null)
    {
        lock (_lock)
        {
            if (!Remove(message.Id)) return null;
            if (_taken == 0) _idle?.TrySetResult();
            if (dueAgain is { } due) ReadNoLaterThan(due);
            Signal();
            return _owned ? null : _heir;
        }
    }

    /// <summary>A handler that ran at the lane's previous owner has ended.</summary>
    public void EndedElsewhere(Guid message, DateTimeOffset? dueAgain)
    {
        lock (_lock)
        {
            if (!_inHand.TryGetValue(message, out var held) || held.Place != Place.Elsewhere) return;
            _inHand.Remove(message);
            if (dueAgain is { } due) ReadNoLaterThan(due);
        }
    }

    /// <summary>Handlers that ran at silos that are no more will not end.</summary>
    public void ForgetDead(Func<SiloAddress, bool> isActive)
    {
        lock (_lock)
        {
            var lost = _inHand.Where(entry => entry.Value.At is { } at && !isActive(at)).Select(static entry => entry.Key).ToList();
            foreach (var id in lost) _inHand.Remove(id);
            if (lost.Count > 0) ReadNoLaterThan(DateTimeOffset.MinValue);
        }
    }

    /// <summary>
    /// Waits until there is something to deliver. Returns an empty list when cancelled: a receiver that ignores its cancellation
    /// would hang the hand-over of its queue.
    /// </summary>
    public async Task<IReadOnlyList<LaneDelivery>> Take(int limit, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Task signal;
            lock (_lock)
            {
                if (_signal.Task.IsCompleted) _signal = NewSignal();
                signal = _signal.Task;
            }

            if (ReadIsDue()) await ReadTable(cancellationToken);
            if (TakeReady(limit) is { Count: > 0 } taken) return taken;
            await WaitFor(signal, cancellationToken);
        }

        return [];
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Own()
    {
        _owned = true;
        _resumeAt = null;
        _heir = null;
        _readAt = DateTimeOffset.MinValue;
        Signal();
    }

    private void Disown()
    {
        _owned = false;
        _ready.Clear();
        _leftInTable = null;
        foreach (var (id, held) in _inHand)
        {
            if (held.Place == Place.Running) continue;
            _inHand.Remove(id);
            if (held.Place == Place.Taken) _taken--;
        }
    }

    private bool Remove(Guid id)
    {
        if (!_inHand.Remove(id, out var held)) return false;
        if (held.Place is Place.Taken or Place.Running) _taken--;
        return true;
    }

    private void Signal() => _signal.TrySetResult();

    private void ReadNoLaterThan(DateTimeOffset moment)
    {
        if (moment >= _readAt) return;
        _readAt = moment;
        Signal();
    }

    private bool TryQueue(OutboxMessage message, bool fromTable)
    {
        if (_inHand.ContainsKey(message.Id)) return true;
        if (_ready.Count < options.MaxQueued)
        {
            _inHand.Add(message.Id, new(Place.Ready, clock.GetUtcNow()));
            _ready.Enqueue(new(message, fromTable));
            return true;
        }

        if (!(_leftInTable <= message.DueAt)) _leftInTable = message.DueAt;
        if (!(_leftSinceRead <= message.DueAt)) _leftSinceRead = message.DueAt;
        return false;
    }

    private List<LaneDelivery> TakeReady(int limit)
    {
        lock (_lock)
        {
            var room = Math.Min(limit, options.MaxConcurrentHandlers - _taken);
            if (room <= 0 || _ready.Count == 0) return [];
            var taken = new List<LaneDelivery>(Math.Min(room, _ready.Count));
            var now = clock.GetUtcNow();
            while (taken.Count < room && _ready.TryDequeue(out var delivery))
            {
                _inHand[delivery.Message.Id] = new(Place.Taken, now);
                taken.Add(delivery);
            }

            _taken += taken.Count;
            _started += taken.Count;

            // Not before there is room for many: each read passes over all that is in hand.
            if (_leftInTable is not null && _ready.Count <= options.MaxQueued / 2) ReadNoLaterThan(now);
            return taken;
        }
    }

    private bool ReadIsDue()
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            if (_resumeAt is { } resumeAt && now >= resumeAt)
            {
                LogTakenUpAgain(number, _heir);
                Own();
            }

            return _owned && now >= _readAt;
        }
    }

    private async Task WaitFor(Task signal, CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_lock)
        {
            wait = (_owned ? _readAt : _resumeAt ?? DateTimeOffset.MaxValue) - clock.GetUtcNow();
            if (wait > options.SweepPeriod) wait = options.SweepPeriod;
        }

        if (wait <= TimeSpan.Zero) return;
        await signal.WaitAsync(wait, clock, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private async Task ReadTable(CancellationToken cancellationToken)
    {
        bool first;
        var now = clock.GetUtcNow();
        lock (_lock)
        {
            first = _readAt == DateTimeOffset.MinValue;
            _readAt = now + (first ? options.SecondReadAfter : options.SweepPeriod);
            _leftSinceRead = null;
            DropExpiredLeases(now);
        }

        try
        {
            await ReadDueRows(now, cancellationToken);
            var next = await store.NextDue(number, now, cancellationToken);
            lock (_lock)
            {
                _unreadableSince = null;
                if (_owned) _leftInTable = _leftSinceRead;
                if (next is { } due) ReadNoLaterThan(due);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // The lane pauses while the store is down, and says so; the next sweep tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (failures.IsDue(exception.GetType().Name, out var others)) LogReadFailed(exception, number, others);
            lock (_lock)
            {
                _unreadableSince ??= now;
                _readAt = now + options.SweepPeriod;
            }
        }
    }

    private async Task ReadDueRows(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var position = default(OutboxPosition);
        while (true)
        {
            var page = await store.ReadDue(number, now, position, options.PageSize, cancellationToken);
            lock (_lock)
            {
                foreach (var message in page)
                {
                    // No room: the rest is read when half of what waits has been taken.
                    if (!_owned || !TryQueue(message, fromTable: true)) return;
                }
            }

            if (page.Count < options.PageSize) return;
            position = new(page[^1].DueAt, page[^1].Id);
        }
    }

    /// <summary>A delivery that was lost is never accepted, and a handler on a silo that was lost never reports back.</summary>
    private void DropExpiredLeases(DateTimeOffset now)
    {
        foreach (var (id, held) in _inHand)
        {
            var lease = held.Place switch
            {
                Place.Taken => AcceptLease,
                Place.Running => options.HandlerLease,
                Place.Elsewhere => ElsewhereLease,
                _ => TimeSpan.MaxValue,
            };
            if (now - held.Since > lease) Remove(id);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lane {Lane} could not read its table; it pauses until the next sweep ({Others} more like it in all lanes since the last such line)")]
    private partial void LogReadFailed(Exception exception, int lane, int others);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lane {Lane} was asked for by {Heir} but is still this silo's; it is taken up again")]
    private partial void LogTakenUpAgain(int lane, SiloAddress? heir);
}
