using Holdfast.Outbox.Delivery;
using Holdfast.Outbox.Lanes;
using Orleans.Streams;

namespace Holdfast.Outbox.Streams;

/// <summary>The feed's lane carries no messages: its stream says that there is something to read. What there is, the feed knows.</summary>
internal sealed class FeedReceiver(Lane lane, Func<Lane, Task> takeOver, FeedRunner feed, TimeProvider clock) : IQueueAdapterReceiver
{
    private static readonly IList<IBatchContainer> Nothing = [];

    private readonly StreamId _stream = StreamId.Create(LaneStreams.Namespace, LaneStreams.KeyOf(lane.Number));
    private readonly LaneDelivery _wakeUp = new(new(Guid.Empty, lane.Number, default, 0, "", "feed", default), FromTable: false);
    private long _arrivals;

    public Task Initialize(TimeSpan timeout) => takeOver(lane);

    /// <inheritdoc cref="LaneReceiver.GetQueueMessagesAsync(int, CancellationToken)" />
    public async Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Quietly(feed.Idle.WaitAsync(cancellationToken));

            // Before it is looked: what changes after the look must end the wait.
            var change = lane.NextChange();
            if (feed.Idle.IsCompleted && lane.ReadIsDue())
            {
                lane.BeginRead();
                return [new LaneBatch(_stream, ++_arrivals, [_wakeUp])];
            }

            var wait = lane.UntilNextLook();
            if (wait > TimeSpan.Zero) await Quietly(change.WaitAsync(wait, clock, cancellationToken));
        }

        return Nothing;
    }

    [Obsolete("Orleans calls the overload with a cancellation token.")]
    public Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount) => GetQueueMessagesAsync(maxCount, CancellationToken.None);

    [Obsolete("Orleans calls the overload with a cancellation token.")]
    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages) => Task.CompletedTask;

    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task Shutdown(TimeSpan timeout)
    {
        lane.HandBack();
        return Task.CompletedTask;
    }

    private static async Task Quietly(Task wait) =>
        await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
}
