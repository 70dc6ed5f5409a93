using Holdfast.Bench;
using Holdfast.Bench.Measuring;
using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Lab.Races.Counter;

namespace Holdfast.Lab.Races.Strategies;

/// <summary>A counter in parts, each a grain with a journal stream of its own; the operation's id says which part it goes to.</summary>
internal sealed class HoldfastShards(IGrainFactory grains, TimeProvider clock) : ICounters
{
    private const int Shards = 16;

    public About About { get; } = new(
        "Holdfast, 16 shards",
        Loses: false,
        "The counter has sixteen owners. An increment goes to the one that its operation's id says, so a repeat finds its first answer "
        + "there. The value is the sum of all of them. Each only grows: so of two reads, one after the other, the later is never lower.",
        "A counter that all silos of a cluster are to increment at once: page views, units shipped by all warehouses.",
        "Whatever has a limit: no part knows the others, so nobody can say 'the last one'. Within one silo, which commits all parts "
        + "together anyway. Counters that are read more often than they are incremented.",
        "A read asks sixteen owners. An increment does not tell the value.",
        "It is the conflict-free counter with receipts: exact under retries, too.");

    public Task Create(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task Start(string counter)
    {
        var outcome = await grains.GetGrain<ICounter>(counter).Shard(new(new(Guid.NewGuid(), 1), Shards));
        if (outcome.Status != ShardCounterStatus.Sharded) throw new BenchException($"A new counter was answered {outcome.Status}.");
    }

    public ValueTask<Answer> Increment(string counter, Client client)
    {
        var command = new IncrementCounter(client.NextOperation(), 1);
        var shard = Shard(counter, CounterShards.Of(command.Operation.Id, Shards));
        return Backoff.RetryUnanswered(client, clock, async () =>
        {
            var outcome = await shard.Increment(command);
            if (outcome.Status != IncrementStatus.Incremented) throw new BenchException($"It was answered {outcome.Status}.");
            return Reply.Done;
        });
    }

    public async Task<long> Value(string counter)
    {
        var values = await Task.WhenAll(
            Enumerable.Range(0, Shards).Select(shard => Shard(counter, shard).Read(ReadConsistency.Strong).AsTask()));
        return values.Sum();
    }

    private ICounterShard Shard(string counter, int shard) => grains.GetGrain<ICounterShard>(CounterShards.KeyOf(counter, shard));
}
