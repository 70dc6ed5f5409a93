using Holdfast.Journal.Writing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace Holdfast.Journal.Outbox;

/// <summary>Marks the consumer of one lane. Key: <see cref="Lanes.StreamKey"/>.</summary>
[Alias("holdfast.ILaneConsumer")]
public interface ILaneConsumer : IGrainWithStringKey;

/// <summary>
/// Runs the handlers of one lane. Accepts a batch, returns at once and never throws: a lane's cursor waits for each delivery,
/// and a throwing consumer would make Orleans repeat the whole batch for a minute and then skip it.
/// </summary>
[ImplicitStreamSubscription(Lanes.Namespace), PreferLocalPlacement, Reentrant, KeepAlive]
public sealed partial class LaneConsumer(
    OutboxLanes lanes,
    JournalWriter writer,
    IEnumerable<IMessageHandler> handlers,
    IOptions<OutboxOptions> options,
    TimeProvider clock,
    ILogger<LaneConsumer> logger) : Grain, ILaneConsumer, IStreamSubscriptionObserver, IAsyncBatchObserver<Delivery>, IDisposable
{
    private readonly Dictionary<string, IMessageHandler> _handlers = handlers.ToDictionary(static handler => handler.Type);
    private readonly CancellationTokenSource _stop = new();
    private readonly Random _jitter = new(Environment.TickCount);

    // Taken before the source can be disposed of: handlers outlive the activation's last call.
    private CancellationToken _stopping;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _stopping = _stop.Token;
        return Task.CompletedTask;
    }

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<Delivery>().ResumeAsync(this);

    public Task OnNextAsync(IList<SequentialItem<Delivery>> items)
    {
        foreach (var item in items) Run(item.Item).Ignore();
        return Task.CompletedTask;
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _stop.Cancel();
        return Task.CompletedTask;
    }

    public void Dispose() => _stop.Dispose();

    private async Task Run(Delivery delivery)
    {
        var message = delivery.Message;
        try
        {
            if (delivery.FromTable && await RecordAttempt(message) is var counted)
            {
                if (counted is null) return;
                message = counted;
            }

            var change = await RunHandler(message, delivery.Message.Attempts);
            var stored = await writer.Submit(change);
            var dueAgain = change.Kind == OutboxChangeKind.Postpone ? change.DueAt : stored ? (DateTimeOffset?)null : clock.GetUtcNow();
            lanes[message.Lane].Finished(message, dueAgain);
        }
#pragma warning disable CA1031 // Nothing may reach the pulling agent; the row is still there and is read again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogDeliveryFailed(exception, message.Type, message.Id);
            lanes[message.Lane].Finished(message, clock.GetUtcNow() + options.Value.SweepPeriod);
        }
    }

    /// <summary>
    /// A message read from the table may have run before, and may be what ended the process: its attempt is durable before it
    /// runs again. Null when that could not be stored.
    /// </summary>
    private async Task<OutboxMessage?> RecordAttempt(OutboxMessage message)
    {
        var counted = message with { Attempts = message.Attempts + 1 };
        if (await writer.Submit(OutboxChange.Postpone(message, message.DueAt, counted.Attempts))) return counted;
        lanes[message.Lane].Finished(message, clock.GetUtcNow() + options.Value.SweepPeriod);
        return null;
    }

    private async Task<OutboxChange> RunHandler(OutboxMessage message, int attemptsBefore)
    {
        if (!_handlers.TryGetValue(message.Type, out var handler))
        {
            return Park(message, $"No handler is registered for messages of type {message.Type}.");
        }

        try
        {
            if (message.Attempts > options.Value.MaxAttempts)
            {
                return await GiveUp(handler, message, $"The process ended during {options.Value.MaxAttempts} runs of this message.");
            }

            await handler.Handle(message, _stopping);
            JournalMetrics.RecordMessage(message.Type, "finished");
            return OutboxChange.Finish(message);
        }
        catch (PutBackException putBack)
        {
            LogPutBack(message.Type, message.Stream, putBack.Message);
            return PutBack(message, attemptsBefore, putBack.After);
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException or OperationCanceledException)
        {
            LogPutBack(message.Type, message.Stream, exception.Message);
            return PutBack(message, attemptsBefore, null);
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
        if (attempts >= options.Value.MaxAttempts)
        {
            try
            {
                return await GiveUp(handler, message, exception.Message);
            }
#pragma warning disable CA1031 // The owner could not be told that its message is given up: try again later.
            catch (Exception giveUp)
#pragma warning restore CA1031
            {
                LogHandlerFailed(giveUp, message.Type, message.Stream, attempts);
            }
        }

        JournalMetrics.RecordMessage(message.Type, "failed");
        return OutboxChange.Postpone(message, clock.GetUtcNow() + Backoff(attempts), attempts);
    }

    private async Task<OutboxChange> GiveUp(IMessageHandler handler, OutboxMessage message, string error)
    {
        await handler.GiveUp(message, error, _stopping);
        return Park(message, error);
    }

    private static OutboxChange Park(OutboxMessage message, string error)
    {
        JournalMetrics.RecordMessage(message.Type, "parked");
        return OutboxChange.Park(message, error);
    }

    private OutboxChange PutBack(OutboxMessage message, int attempts, TimeSpan? after)
    {
        JournalMetrics.RecordMessage(message.Type, "postponed");
        return OutboxChange.Postpone(message, clock.GetUtcNow() + (after ?? Patience(message)), attempts);
    }

    /// <summary>Put-backs are not counted, so the message's age stands for how often it has been put back.</summary>
    private TimeSpan Patience(OutboxMessage message)
    {
        var age = (clock.GetUtcNow() - message.CreatedAt).TotalMilliseconds;
        var wait = Math.Clamp(age / 4, options.Value.FirstBackoff.TotalMilliseconds, options.Value.MaxPutBack.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(wait * (0.5 + (_jitter.NextDouble() / 2)));
    }

    private TimeSpan Backoff(int attempts)
    {
        var ceiling = Math.Min(options.Value.MaxBackoff.TotalMilliseconds, options.Value.FirstBackoff.TotalMilliseconds * Math.Pow(2, attempts - 1));
        return TimeSpan.FromMilliseconds(ceiling * (0.5 + (_jitter.NextDouble() / 2)));
    }
}
