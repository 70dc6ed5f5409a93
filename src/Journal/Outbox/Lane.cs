using Microsoft.Extensions.Logging;

namespace Holdfast.Journal.Outbox;

/// <summary>
/// One lane as its owner silo sees it: messages that are ready, and those that are in hand (ready, or with a handler that has
/// not finished). Messages arrive straight from the silo's own commits; the table is read for everything else.
/// </summary>
/// <remarks>Thread-safe: the writer's thread offers, the pulling agent takes, handlers finish.</remarks>
public sealed partial class Lane(int number, IJournalStore store, OutboxOptions options, TimeProvider clock, ILogger logger)
{
    /// <summary>How long the table is left alone when the queue in memory is full.</summary>
    private static readonly TimeSpan FullPause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, DateTimeOffset> _inHand = [];
    private readonly Queue<Delivery> _ready = [];
    private TaskCompletionSource _signal = NewSignal();
    private bool _owned;
    private DateTimeOffset _readAt = DateTimeOffset.MaxValue;
    private int _running;

    public int Number => number;

    /// <summary>Starts taking messages: the table is read at once, and again a moment later.</summary>
    public void TakeOver()
    {
        lock (_lock)
        {
            _owned = true;
            _readAt = DateTimeOffset.MinValue;
        }
    }

    /// <summary>Forgets everything in memory: the rows are the truth, and another owner reads them.</summary>
    public void HandBack()
    {
        lock (_lock)
        {
            _owned = false;
            _ready.Clear();
            _inHand.Clear();
            _running = 0;
        }
    }

    /// <summary>A row that was just committed. Dropped from memory when the queue is full: the table keeps it.</summary>
    public void Offer(OutboxMessage message)
    {
        lock (_lock)
        {
            if (!_owned) return;
            if (message.DueAt > clock.GetUtcNow()) ReadNoLaterThan(message.DueAt);
            else if (TryQueue(message, fromTable: false)) Signal();
            else ReadNoLaterThan(clock.GetUtcNow() + FullPause);
        }
    }

    /// <summary>Something may be in the table that nobody offered.</summary>
    public void Nudge()
    {
        lock (_lock) ReadNoLaterThan(DateTimeOffset.MinValue);
        Signal();
    }

    /// <summary>The handler has finished, one way or the other, and the row says so.</summary>
    /// <param name="dueAgain">When the message is to be delivered again.</param>
    public void Finished(OutboxMessage message, DateTimeOffset? dueAgain = null)
    {
        lock (_lock)
        {
            if (!_inHand.Remove(message.Id)) return;
            _running--;
            if (dueAgain is { } due) ReadNoLaterThan(due);
            Signal();
        }
    }

    /// <summary>
    /// Waits until there is something to deliver. Returns an empty list when cancelled: a receiver that ignores its cancellation
    /// would hang the hand-over of its queue.
    /// </summary>
    public async Task<IReadOnlyList<Delivery>> Take(int limit, CancellationToken cancellationToken)
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

    private void Signal() => _signal.TrySetResult();

    private void ReadNoLaterThan(DateTimeOffset moment)
    {
        if (moment >= _readAt) return;
        _readAt = moment;
        Signal();
    }

    private bool TryQueue(OutboxMessage message, bool fromTable)
    {
        if (_ready.Count >= options.MaxQueued) return false;
        if (_inHand.TryAdd(message.Id, clock.GetUtcNow())) _ready.Enqueue(new(message, fromTable));
        return true;
    }

    private List<Delivery> TakeReady(int limit)
    {
        lock (_lock)
        {
            var room = Math.Min(limit, options.MaxConcurrentHandlers - _running);
            if (room <= 0 || _ready.Count == 0) return [];
            var taken = new List<Delivery>(Math.Min(room, _ready.Count));
            var now = clock.GetUtcNow();
            while (taken.Count < room && _ready.TryDequeue(out var delivery))
            {
                // The lease starts when the handler does, however long the message waited for it.
                _inHand[delivery.Message.Id] = now;
                taken.Add(delivery);
            }

            _running += taken.Count;
            return taken;
        }
    }

    private bool ReadIsDue()
    {
        lock (_lock) return _owned && clock.GetUtcNow() >= _readAt;
    }

    private async Task WaitFor(Task signal, CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_lock)
        {
            wait = _owned ? _readAt - clock.GetUtcNow() : options.SweepPeriod;
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
            DropExpiredLeases(now);
        }

        try
        {
            await ReadDueRows(now, cancellationToken);
            if (await store.NextDue(number, now, cancellationToken) is { } next)
            {
                lock (_lock) ReadNoLaterThan(next);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // The lane pauses while the store is down, and says so; the next sweep tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogReadFailed(exception, number);
            lock (_lock) _readAt = now + options.SweepPeriod;
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
                    if (_owned && TryQueue(message, fromTable: true)) continue;

                    // No room: the rest is read when some of what is in hand has finished.
                    ReadNoLaterThan(now + FullPause);
                    return;
                }
            }

            if (page.Count < options.PageSize) return;
            position = new(page[^1].DueAt, page[^1].Id);
        }
    }

    /// <summary>A handler on a silo that was lost, or a delivery that was, never reports back.</summary>
    private void DropExpiredLeases(DateTimeOffset now)
    {
        if (_running == 0) return;
        var ready = _ready.Select(static delivery => delivery.Message.Id).ToHashSet();
        foreach (var (id, since) in _inHand.Where(entry => now - entry.Value > options.HandlerLease && !ready.Contains(entry.Key)).ToList())
        {
            _inHand.Remove(id);
            _running--;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lane {Lane} could not read its table; it pauses until the next sweep")]
    private partial void LogReadFailed(Exception exception, int lane);
}

/// <summary>A message on its way to its handler.</summary>
/// <param name="FromTable">It was read from the table, so it may have been run before: the attempt is recorded first.</param>
[GenerateSerializer, Immutable, Alias("holdfast.Delivery")]
public readonly record struct Delivery([property: Id(0)] OutboxMessage Message, [property: Id(1)] bool FromTable);
