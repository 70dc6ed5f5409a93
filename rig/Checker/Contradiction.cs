namespace Holdfast.Checker;

/// <summary>One step of an order that was tried.</summary>
/// <param name="State">Right after the operation.</param>
/// <param name="Assumed">The operation's answer is not one of those that contradict: here it is assumed to have taken place.</param>
public sealed record OrderedStep(Operation Operation, string State, bool Assumed);

/// <summary>Why a key's history has no order, as small as it could be made.</summary>
/// <param name="Conflicting">Operations whose answers contradict each other, in order of their calls.</param>
/// <param name="Assumable">
/// The other operations that may have changed the state before the last of them returned. Their answers are not needed for the
/// contradiction: it stands even if each of them takes place at any time after its call, or never.
/// </param>
/// <param name="Longest">The order that explains the most of the conflicting answers.</param>
/// <param name="Stuck">The operation that fits nowhere after it.</param>
public sealed record Contradiction(
    string Key,
    IReadOnlyList<Operation> Conflicting,
    IReadOnlyList<Operation> Assumable,
    IReadOnlyList<OrderedStep> Longest,
    Operation Stuck);
