using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Domain.Counters;
using Holdfast.Grains.Hosting;
using Orleans.Concurrency;

namespace Holdfast.Grains.Counters;

/// <summary>Hosts <see cref="CounterRules"/> for one shard of a counter.</summary>
[Reentrant]
internal sealed class CounterShard(IGrainContext context, OwnerServices services)
    : OwnerGrain<CounterState, CounterEvent>(context, CounterShardKind.Instance, services), ICounterShard
{
    public ValueTask<IncrementOutcome> Increment(IncrementCounter command) =>
        Host.Decide(command.Operation, command, CounterRules.IncrementShard, CounterRules.IncrementedBefore);

    public ValueTask<long> Read(ReadConsistency consistency) => Host.Read(static state => state.Value, consistency);
}
