using Holdfast.Contracts.Counters;
using Holdfast.Domain.Owner;
using static Holdfast.Domain.Owner.Decide<Holdfast.Domain.Counters.CounterEvent>;

namespace Holdfast.Domain.Counters;

/// <summary>The rules of an exact counter.</summary>
public static class CounterRules
{
    public static Decision<CounterEvent, IncrementOutcome> Increment(CounterState state, IncrementCounter command, DateTimeOffset now)
    {
        // The sum wraps around in two's complement; it did when both addends have the sign that the sum has not.
        var value = unchecked(state.Value + command.Delta);
        var overflows = ((state.Value ^ value) & (command.Delta ^ value)) < 0;
        return overflows
            ? Answer<IncrementOutcome>(new(IncrementStatus.Overflow, state.Value))
            : Change<IncrementOutcome>(
                new(IncrementStatus.Incremented, value),
                new CounterEvent.Incremented(command.Operation.Id, command.Operation.Fingerprint, command.Delta, value));
    }

    public static IncrementOutcome IncrementedBefore(CounterState state, IncrementCounter command, Receipt? first) =>
        first is { } receipt ? new(IncrementStatus.Incremented, receipt.Value, Replayed: true) : new(IncrementStatus.KeyReused);
}
