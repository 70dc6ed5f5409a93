using Holdfast.Outbox.Delivery;
using Holdfast.Outbox.Lanes;
using Orleans.Concurrency;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace Holdfast.Outbox.Streams;

/// <summary>Marks the consumer of one lane. Key: <see cref="LaneStreams.KeyOf"/>.</summary>
[Alias("holdfast.ILaneConsumer")]
public interface ILaneConsumer : IGrainWithStringKey;

/// <summary>
/// Accepts what the pulling agent of a lane delivers, returns at once and never throws: a lane's cursor waits for each delivery,
/// and a throwing consumer would make Orleans repeat the whole batch for a minute and then skip it.
/// </summary>
/// <remarks>
/// A consumer does not move with its lane. A stateless worker need not: each silo's agent reaches an activation of its own silo,
/// which no directory knows and which has no state to lose. Handlers outlive it: they belong to the silo.
/// </remarks>
[ImplicitStreamSubscription(LaneStreams.Namespace), StatelessWorker(1), Reentrant]
public sealed class LaneConsumer(MessageRunner runner, FeedRunner feed)
    : Grain, ILaneConsumer, IStreamSubscriptionObserver, IAsyncBatchObserver<LaneDelivery>
{
    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<LaneDelivery>().ResumeAsync(this);

    public Task OnNextAsync(IList<SequentialItem<LaneDelivery>> items)
    {
        foreach (var item in items)
        {
            if (LaneNumbers.IsFeed(item.Item.Message.Lane)) feed.Start();
            else runner.Start(item.Item);
        }

        return Task.CompletedTask;
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;
}
