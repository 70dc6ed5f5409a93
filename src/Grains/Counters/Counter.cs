using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Grains.GroupCommit;
using Orleans.Concurrency;

namespace Holdfast.Grains.Counters;

/// <summary>Hosts <see cref="CounterRules"/> for one counter.</summary>
[Reentrant]
internal sealed class Counter(GroupCommitServices services)
    : GroupCommitGrain<CounterState, CounterEvent>(CounterStream.Definition, services), ICounter
{
    public ValueTask<IncrementOutcome> Increment(IncrementCounter command) => Decide(command.Operation, command, CounterRules.Increment);

    public ValueTask<long> Read(ReadConsistency consistency) => Decide(false, CounterRules.Read, consistency);
}
