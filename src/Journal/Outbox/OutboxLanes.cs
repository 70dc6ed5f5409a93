using Holdfast.Journal.Writing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Journal.Outbox;

/// <summary>The lanes of this silo; it owns those whose queues the balancer gave it.</summary>
public sealed class OutboxLanes(IJournalStore store, IOptions<OutboxOptions> options, TimeProvider clock, ILogger<OutboxLanes> logger)
    : ICommittedMessages
{
    private readonly Lane[] _lanes =
        [.. Enumerable.Range(0, Lanes.Count).Select(number => new Lane(number, store, options.Value, clock, logger))];

    public Lane this[int number] => _lanes[number];

    public void HandOver(IReadOnlyList<OutboxMessage> messages)
    {
        foreach (var message in messages) _lanes[message.Lane].Offer(message);
    }

    public void MayHaveBeenStored(IReadOnlyList<OutboxMessage> messages)
    {
        foreach (var message in messages) _lanes[message.Lane].Nudge();
    }
}
