using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Domain.Owner;
using static Holdfast.Domain.Owner.Decide<Holdfast.Domain.Counters.CounterEvent>;

namespace Holdfast.Domain.Counters;

/// <summary>The rules of an exact counter.</summary>
public static class CounterRules
{
    public static Decision<CounterEvent, IncrementOutcome> Increment(CounterState state, IncrementCounter command, DateTimeOffset now)
    {
        var sum = (Int128)state.Value + command.Delta;

        // One that is beyond the limit, from before there was one, may come back.
        return Int128.Abs(sum) > Limits.WholeNumber && Int128.Abs(sum) >= Int128.Abs(state.Value)
            ? Answer<IncrementOutcome>(new(IncrementStatus.Overflow, state.Value))
            : Change<IncrementOutcome>(
                new(IncrementStatus.Incremented, (long)sum),
                new CounterEvent.Incremented(command.Operation.Id, command.Operation.Fingerprint, command.Delta, (long)sum));
    }

    public static IncrementOutcome IncrementedBefore(CounterState state, IncrementCounter command, Receipt? first) =>
        first is { } receipt ? new(IncrementStatus.Incremented, receipt.Value, Replayed: true) : new(IncrementStatus.KeyReused);
}
