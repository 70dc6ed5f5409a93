namespace Holdfast.Domain.Orders.Steps;

/// <summary>The step must wait: overload, an unknown outcome, a lost silo, an answer that is not there yet. It comes again, and no failure is counted.</summary>
/// <param name="after">How long; null for a short while.</param>
public sealed class StepPutBackException(string message, TimeSpan? after = null, Exception? inner = null) : Exception(message, inner)
{
    public TimeSpan? After { get; } = after;
}
