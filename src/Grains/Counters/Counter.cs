using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Domain.Counters;
using Holdfast.Grains.Hosting;
using Orleans.Concurrency;

namespace Holdfast.Grains.Counters;

/// <summary>Hosts <see cref="CounterRules"/> for one counter.</summary>
[Reentrant]
internal sealed class Counter(IGrainContext context, OwnerServices services)
    : OwnerGrain<CounterState, CounterEvent>(context, CounterKind.Instance, services), ICounter
{
    public ValueTask<IncrementOutcome> Increment(IncrementCounter command) =>
        Host.Decide(command.Operation, command, CounterRules.Increment, CounterRules.IncrementedBefore);

    public ValueTask<ShardCounterOutcome> Shard(ShardCounter command) =>
        Host.Decide(command.Operation, command, CounterRules.Shard, CounterRules.ShardedBefore);

    public ValueTask<long> ReadValue(ReadConsistency consistency) => Host.Read(static state => state.Value, consistency);

    public ValueTask<CounterReading> Read(ReadConsistency consistency) =>
        Host.Read(static state => new CounterReading(state.Value, state.Shards), consistency);
}
