namespace Holdfast.Domain.Owner;

/// <summary>An owner is about to break its own invariant: a bug, never a refusal.</summary>
public sealed class InvariantViolationException(string message, Exception? innerException = null) : Exception(message, innerException);
