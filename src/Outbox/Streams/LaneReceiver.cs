using Holdfast.Journal;
using Holdfast.Outbox.Lanes;
using Microsoft.Extensions.Logging;
using Orleans.Streams;

namespace Holdfast.Outbox.Streams;

/// <summary>
/// Hands a lane's messages to Orleans' pulling agent: waits until there are any, and reads the table when its lane says so.
/// </summary>
internal sealed partial class LaneReceiver(
    Lane lane,
    Func<Lane, Task> takeOver,
    IJournalStore store,
    OutboxOptions options,
    RepeatedFailures failures,
    TimeProvider clock,
    ILogger logger) : IQueueAdapterReceiver
{
    private const int MaxDeliveries = 128;

    private static readonly IList<IBatchContainer> Nothing = [];

    private readonly StreamId _stream = StreamId.Create(LaneStreams.Namespace, LaneStreams.KeyOf(lane.Number));
    private long _arrivals;

    public Task Initialize(TimeSpan timeout) => takeOver(lane);

    /// <summary>
    /// Waits until there is something to deliver. Returns an empty list when cancelled: a receiver that ignores its cancellation
    /// would hang the hand-over of its queue.
    /// </summary>
    public async Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            // Before it is looked: what changes after the look must end the wait.
            var change = lane.NextChange();
            if (lane.ReadIsDue()) await ReadTable(cancellationToken);
            if (lane.TakeReady(MaxDeliveries) is { Count: > 0 } taken) return [new LaneBatch(_stream, ++_arrivals, [.. taken])];
            await WaitFor(change, cancellationToken);
        }

        return Nothing;
    }

    [Obsolete("Orleans calls the overload with a cancellation token.")]
    public Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount) => GetQueueMessagesAsync(maxCount, CancellationToken.None);

    /// <summary>Says only that the consumer accepted them: rows go away when their own handlers have finished.</summary>
    [Obsolete("Orleans calls the overload with a cancellation token.")]
    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages) => Task.CompletedTask;

    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task Shutdown(TimeSpan timeout)
    {
        lane.HandBack();
        return Task.CompletedTask;
    }

    private async Task WaitFor(Task change, CancellationToken cancellationToken)
    {
        var wait = lane.UntilNextLook();
        if (wait <= TimeSpan.Zero) return;
        await change.WaitAsync(wait, clock, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private async Task ReadTable(CancellationToken cancellationToken)
    {
        var now = lane.BeginRead();
        try
        {
            await ReadDueRows(now, cancellationToken);
            lane.EndRead(await store.NextDue(lane.Number, now, cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // The lane pauses while the store is down, and says so; the next sweep tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (failures.IsDue(exception.GetType().Name, out var others)) LogReadFailed(exception, lane.Number, others);
            lane.FailRead(now);
        }
    }

    private async Task ReadDueRows(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var position = default(OutboxPosition);
        while (true)
        {
            var page = await store.ReadDue(lane.Number, now, position, options.PageSize, cancellationToken);

            // No room: the rest is read when half of what waits has been taken.
            if (!lane.TryQueue(page) || page.Count < options.PageSize) return;
            position = new(page[^1].DueAt, page[^1].Id);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Lane {Lane} could not read its table; it pauses until the next sweep "
            + "({Others} more like it in all lanes since the last such line)")]
    private partial void LogReadFailed(Exception exception, int lane, int others);
}
