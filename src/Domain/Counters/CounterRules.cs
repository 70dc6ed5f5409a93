using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Domain.Owner;
using static Holdfast.Domain.Owner.Decide<Holdfast.Domain.Counters.CounterEvent>;

namespace Holdfast.Domain.Counters;

/// <summary>The rules of an exact counter, and of the shards of one.</summary>
public static class CounterRules
{
    public static Decision<CounterEvent, IncrementOutcome> Increment(CounterState state, IncrementCounter command, DateTimeOffset now)
    {
        if (state.Shards > 0) return Answer<IncrementOutcome>(new(IncrementStatus.Sharded) { Shards = state.Shards });
        var sum = (Int128)state.Value + command.Delta;

        // One that is beyond the limit, from before there was one, may come back.
        return Int128.Abs(sum) > Limits.WholeNumber && Int128.Abs(sum) >= Int128.Abs(state.Value)
            ? Answer<IncrementOutcome>(new(IncrementStatus.Overflow, state.Value))
            : Incremented(command, (long)sum);
    }

    /// <summary>Of a shard. It never goes back: so the sum of several, read one after the other, never does.</summary>
    public static Decision<CounterEvent, IncrementOutcome> IncrementShard(CounterState state, IncrementCounter command, DateTimeOffset now)
    {
        if (command.Delta < 0) return Answer<IncrementOutcome>(new(IncrementStatus.OnlyGrows, state.Value));
        return command.Delta > Limits.CounterShard - state.Value
            ? Answer<IncrementOutcome>(new(IncrementStatus.Overflow, state.Value))
            : Incremented(command, state.Value + command.Delta);
    }

    public static IncrementOutcome IncrementedBefore(CounterState state, IncrementCounter command, Receipt? first) =>
        first is { } receipt ? new(IncrementStatus.Incremented, receipt.Value, Replayed: true) : new(IncrementStatus.KeyReused);

    public static Decision<CounterEvent, ShardCounterOutcome> Shard(CounterState state, ShardCounter command, DateTimeOffset now)
    {
        if (state.Shards == command.Shards) return Answer<ShardCounterOutcome>(new(ShardCounterStatus.Unchanged, state.Shards));
        if (state.Shards > 0) return Answer<ShardCounterOutcome>(new(ShardCounterStatus.Fixed, state.Shards));
        return state.IsStarted
            ? Answer<ShardCounterOutcome>(new(ShardCounterStatus.Started))
            : Change<ShardCounterOutcome>(
                new(ShardCounterStatus.Sharded, command.Shards),
                new CounterEvent.Sharded(command.Operation.Id, command.Operation.Fingerprint, command.Shards));
    }

    public static ShardCounterOutcome ShardedBefore(CounterState state, ShardCounter command, Receipt? first) => first is null
        ? new(ShardCounterStatus.KeyReused)
        : new(ShardCounterStatus.Sharded, state.Shards, Replayed: true);

    private static Decision<CounterEvent, IncrementOutcome> Incremented(IncrementCounter command, long value) => Change<IncrementOutcome>(
        new(IncrementStatus.Incremented, value),
        new CounterEvent.Incremented(command.Operation.Id, command.Operation.Fingerprint, command.Delta, value));
}
