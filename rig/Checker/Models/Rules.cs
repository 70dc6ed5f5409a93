namespace Holdfast.Checker.Models;

/// <summary>
/// The sequential behaviour of one key, bound to the operations of one history. Operations are their places in it. A state holds
/// 64-bit members only: the search compares and stores it as words.
/// </summary>
internal interface IRules<TState> where TState : unmanaged, IEquatable<TState>
{
    TState Initial { get; }

    /// <summary>
    /// Whether the operation can take place in this state with the answer it had. An operation without an answer "takes place" when
    /// it has its effect; that it does not is no step at all.
    /// </summary>
    bool TryApply(in TState state, int operation, out TState next);

    /// <summary>Operations of one class do the same to every state, so any two of them may swap places. From 0, dense.</summary>
    int ClassOf(int operation);

    /// <summary>With this answer the operation leaves every state in which it fits as it was.</summary>
    bool ChangesNothing(int operation);

    /// <summary>The answer tells the state: there is one state, or few, in which the operation fits.</summary>
    bool IsPinned(int operation);

    /// <summary>How far the state is from one in which a pinned operation fits. Only guides the search.</summary>
    long Distance(in TState state, int operation);

    /// <summary>True only when the operation fits neither here nor in any state that can follow.</summary>
    bool IsLost(in TState state, int operation);

    /// <summary>
    /// Whether the operation always adds the same to the state's levels, leaves the rest of the state alone, and has an answer that
    /// says nothing of the levels. Then it can be put off until a later answer needs it, or until it returns.
    /// </summary>
    bool IsFree(int operation, out Effect effect);

    Effect LevelsOf(in TState state);

    /// <summary>The levels that let the operation fit a state that is else like this one; false when none do.</summary>
    bool TryGetNeeds(in TState state, int operation, out Needs needs);

    /// <summary>64-bit words of memory that states made so far take outside of themselves.</summary>
    long HeldWords { get; }

    string Describe(in TState state);
}
