namespace Holdfast.Domain.Owner;

/// <summary>What a rule decided: events to record, and the outcome to answer with once they are durable.</summary>
/// <param name="Outcome">What the caller is told.</param>
/// <param name="Events">
/// What changes. Empty for what changes nothing, a refusal too: that is not recorded, and the same operation is decided afresh when it comes
/// again.
/// </param>
public readonly record struct Decision<TEvent, TOutcome>(TOutcome Outcome, TEvent[] Events);

/// <summary>How rules say what they decided: <c>using static</c> of it, closed over the owner's event type, names the type once a file.</summary>
#pragma warning disable CA1000 // The static members are why it is generic.
public static class Decide<TEvent>
{
    public static Decision<TEvent, TOutcome> Change<TOutcome>(TOutcome outcome, params TEvent[] events) => new(outcome, events);

    public static Decision<TEvent, TOutcome> Answer<TOutcome>(TOutcome outcome) => new(outcome, []);
}
#pragma warning restore CA1000
