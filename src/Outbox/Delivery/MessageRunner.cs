using System.Diagnostics.CodeAnalysis;
using Holdfast.Journal;
using Holdfast.Journal.Writing;
using Holdfast.Outbox.Lanes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Outbox.Delivery;

/// <summary>
/// Runs the handlers of what this silo's lanes deliver, and stores how each run ended: finished, put back, counted as a failure, or
/// given up.
/// </summary>
/// <remarks>
/// <para>
/// A handler may end its whole process, by using all memory, say, and then nobody is left to count that run. So a message that comes from
/// the table, and may have run before, has its run counted durably before it starts. When the handler ends in any way, also because its
/// silo stops, the count is set right. In the end only those runs are counted that ended with their process.
/// </para>
/// <para>
/// Other messages were under way when that process ended. They are innocent, and were counted, too. So a message that has used up its runs
/// in this way is run <see cref="MaxRunsAlone"/> times more, alone among its like. The innocent ones finish, one after the other. The one
/// that ends processes does so while it runs alone, and only that one becomes a dead letter.
/// </para>
/// </remarks>
public sealed partial class MessageRunner(
    OutboxLanes lanes,
    JournalWriter writer,
    IEnumerable<IMessageHandler> handlers,
    IOptions<OutboxOptions> options,
    TimeProvider clock,
    ILogger<MessageRunner> logger) : IDisposable
{
    /// <summary>Runs alone, after the others, that a process may end during before the message becomes a dead letter.</summary>
    private const int MaxRunsAlone = 3;

    /// <summary>Characters of a failure that are kept with the message.</summary>
    private const int MaxError = 500;

    /// <summary>How often an unknown type is logged again.</summary>
    private static readonly TimeSpan LogPause = TimeSpan.FromMinutes(1);

    /// <summary>Unknown types of which it is remembered when they were logged.</summary>
    private const int MaxUnknownTypes = 64;

    private readonly Dictionary<string, long> _unknown = [];
    private readonly Dictionary<string, IMessageHandler> _handlers = handlers.ToDictionary(static handler => handler.Type);
    private readonly SemaphoreSlim _alone = new(1);
    private readonly RepeatedFailures _failures = new(clock);
    private readonly Random _jitter = new(Environment.TickCount);
    private readonly CancellationToken _stopping = lanes.Stopping;

    /// <summary>Starts the handler and returns. Never throws.</summary>
    public void Start(LaneDelivery delivery)
    {
        var message = delivery.Message;
        if (!lanes[message.Lane].TryStart(message))
        {
            LogNotInHand(message.Type, message.Id, message.Lane);
            return;
        }

        // On the pool: the grain that was given the delivery may end before the handler does.
        Task.Run(() => Run(delivery)).Ignore();
    }

    public void Dispose() => _alone.Dispose();

    private async Task Run(LaneDelivery delivery)
    {
        var message = delivery.Message;
        try
        {
            var dueAgain = WasLost(delivery) ? await RunAlone(delivery) : await RunOnce(delivery);
            lanes.Finished(message, dueAgain);
        }
#pragma warning disable CA1031 // Nothing may be lost silently; the row is still there and is read again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (_failures.IsDue(exception.GetType().Name, out var others)) LogDeliveryFailed(exception, message.Type, message.Id, others);
            lanes.Finished(message, clock.GetUtcNow() + options.Value.SweepPeriod);
        }
    }

    /// <summary>Failures never leave such a count behind: the last run did not come to an end.</summary>
    private bool WasLost(LaneDelivery delivery) => delivery.FromTable && delivery.Message.Attempts >= options.Value.MaxAttempts;

    private async Task<DateTimeOffset?> RunAlone(LaneDelivery delivery)
    {
        LogRunsAlone(delivery.Message.Type, delivery.Message.Stream, delivery.Message.Attempts);
        await _alone.WaitAsync(_stopping);
        try
        {
            return await RunOnce(delivery);
        }
        finally
        {
            _alone.Release();
        }
    }

    /// <returns>When the message is to be delivered again; null when it is done with.</returns>
    private async Task<DateTimeOffset?> RunOnce(LaneDelivery delivery)
    {
        var message = delivery.Message;
        if (delivery.FromTable)
        {
            message = message with { Attempts = message.Attempts + 1 };
            if (!await writer.Submit(OutboxChange.Postpone(message, message.DueAt, message.Attempts)))
            {
                return clock.GetUtcNow() + options.Value.SweepPeriod;
            }
        }

        var change = await RunHandler(message, delivery.Message.Attempts);
        var stored = await writer.Submit(change);
        return change.Kind == OutboxChangeKind.Postpone ? change.DueAt : stored ? null : clock.GetUtcNow();
    }

    private async Task<OutboxChange> RunHandler(OutboxMessage message, int attemptsBefore)
    {
        if (!_handlers.TryGetValue(message.Type, out var handler))
        {
            return PutBackUnknown(message, attemptsBefore);
        }

        try
        {
            if (message.Attempts > options.Value.MaxAttempts + MaxRunsAlone)
            {
                return await GiveUp(handler, message, $"The process ended during {message.Attempts - 1} runs of this message.");
            }

            await handler.Handle(message, _stopping);
            OutboxMetrics.RecordMessage(message.Type, "finished");
            return OutboxChange.Finish(message);
        }
        catch (PutBackException putBack)
        {
            LogPutBack(message.Type, message.Stream, putBack.Message);
            return PutBack(message, attemptsBefore, putBack.After, putBack.Message);
        }
        catch (OperationCanceledException cutShort)
        {
            LogPutBack(message.Type, message.Stream, cutShort.Message);
            return PutBack(message, attemptsBefore, null, null);
        }
#pragma warning disable CA1031 // The handler's own failure is counted and retried, then parked.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return await CountFailure(handler, message, Math.Max(message.Attempts, 1), exception);
        }
    }

    private async Task<OutboxChange> CountFailure(IMessageHandler handler, OutboxMessage message, int attempts, Exception exception)
    {
        LogHandlerFailed(exception, message.Type, message.Stream, attempts);
        var counted = attempts;
        if (attempts >= options.Value.MaxAttempts)
        {
            try
            {
                return await GiveUp(handler, message, exception.Message);
            }
            catch (PutBackException putBack)
            {
                // Nobody is at fault: it is asked again, as often as it takes.
                LogPutBack(message.Type, message.Stream, putBack.Message);
                return PutBack(message, options.Value.MaxAttempts - 1, putBack.After, putBack.Message);
            }
#pragma warning disable CA1031 // The owner could not be told that its message is given up, or will not have it: run it once more.
            catch (Exception giveUp)
#pragma warning restore CA1031
            {
                LogHandlerFailed(giveUp, message.Type, message.Stream, attempts);
                counted = options.Value.MaxAttempts - 1;
            }
        }

        OutboxMetrics.RecordMessage(message.Type, "failed");
        return OutboxChange.Postpone(message, clock.GetUtcNow() + Backoff(attempts), counted, Short(exception.Message));
    }

    private async Task<OutboxChange> GiveUp(IMessageHandler handler, OutboxMessage message, string error)
    {
        await handler.GiveUp(message, error, _stopping);
        return Park(message, error);
    }

    private static OutboxChange Park(OutboxMessage message, string error)
    {
        OutboxMetrics.RecordMessage(message.Type, "parked");
        return OutboxChange.Park(message, error);
    }

    private OutboxChange PutBackUnknown(OutboxMessage message, int attempts)
    {
        var (age, patience) = (clock.GetUtcNow() - message.CreatedAt, options.Value.UnknownTypePatience);
        if (age > patience) return Park(message, $"For {patience} nobody has known messages of type {message.Type}.");
        if (IsNews(message.Type)) LogUnknownType(message.Type, message.Stream, patience);
        var wait = Patience(message, options.Value.MaxUnknownPutBack);
        return PutBack(message, attempts, wait, $"Nobody here knows messages of type {message.Type}.");
    }

    /// <summary>Of a backlog of one type a line a minute is enough.</summary>
    private bool IsNews(string type)
    {
        lock (_unknown)
        {
            if (_unknown.TryGetValue(type, out var last) && clock.GetElapsedTime(last) < LogPause) return false;
            if (_unknown.Count >= MaxUnknownTypes) _unknown.Clear();
            _unknown[type] = clock.GetTimestamp();
            return true;
        }
    }

    /// <param name="why">What there is to know of it, for people; null when the run was only cut short.</param>
    private OutboxChange PutBack(OutboxMessage message, int attempts, TimeSpan? after, string? why)
    {
        OutboxMetrics.RecordMessage(message.Type, "postponed");

        // A handler that the silo's stop cut short is for the next owner to run, at once.
        var dueAt = _stopping.IsCancellationRequested && after is null ? message.DueAt : clock.GetUtcNow() + (after ?? Patience(message, options.Value.MaxPutBack));
        return OutboxChange.Postpone(message, dueAt, attempts, Short(why));
    }

    [return: NotNullIfNotNull(nameof(error))]
    private static string? Short(string? error) => error is { Length: > MaxError } ? error[..MaxError] : error;

    /// <summary>Put-backs are not counted, so the message's age stands for how often it has been put back.</summary>
    private TimeSpan Patience(OutboxMessage message, TimeSpan most)
    {
        var age = (clock.GetUtcNow() - message.CreatedAt).TotalMilliseconds;
        var wait = Math.Min(Math.Max(age / 4, options.Value.FirstBackoff.TotalMilliseconds), most.TotalMilliseconds);
        return Jittered(wait);
    }

    private TimeSpan Backoff(int attempts)
    {
        var ceiling = Math.Min(options.Value.MaxBackoff.TotalMilliseconds, options.Value.FirstBackoff.TotalMilliseconds * Math.Pow(2, attempts - 1));
        return Jittered(ceiling);
    }

    private TimeSpan Jittered(double milliseconds)
    {
        lock (_jitter) return TimeSpan.FromMilliseconds(milliseconds * (0.5 + (_jitter.NextDouble() / 2)));
    }
}
