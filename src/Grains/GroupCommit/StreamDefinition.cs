using System.Text.Json.Serialization.Metadata;
using Holdfast.Journal;
using Holdfast.Outbox.Lanes;

namespace Holdfast.Grains.GroupCommit;

/// <summary>A message that follows from an event. Which lane carries it is decided when its append is sealed.</summary>
/// <param name="LaneClass">What its handler waits for.</param>
/// <param name="Type">The stable name under which a handler is registered.</param>
/// <param name="Body">JSON, UTF-8.</param>
/// <param name="DueAt">Not delivered before; null for at once.</param>
public sealed record OutgoingMessage(LaneClass LaneClass, string Type, ReadOnlyMemory<byte> Body, DateTimeOffset? DueAt = null);

/// <summary>
/// Everything the group commit has to know of one kind of owner: how its events are written, how they change its state, and
/// what follows from them. All of it pure.
/// </summary>
public abstract class StreamDefinition<TState, TEvent>
    where TState : class
    where TEvent : class
{
    /// <summary>The first part of the stream's name, <c>kind/key</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Writes and reads the array of events that one append stores.</summary>
    public abstract JsonTypeInfo<TEvent[]> Events { get; }

    public abstract TState NewState(string key);

    /// <summary>Changes the state in place. Never refuses, never looks at a clock: replay must give what the original gave.</summary>
    /// <param name="version">The event's own.</param>
    /// <param name="at">When the event was decided, UTC.</param>
    public abstract void Apply(TState state, TEvent @event, long version, DateTimeOffset at);

    /// <summary>What has come due by time alone and must be recorded before anything else is decided; null for nothing.</summary>
    public virtual TEvent? Elapse(TState state, DateTimeOffset now) => null;

    /// <summary>The message that follows from the event, or null.</summary>
    public virtual OutgoingMessage? MessageAfter(TState state, TEvent @event) => null;

    /// <summary>
    /// What the event changes in the rows beside the stream: a secret that must not stay in the history, or that somebody should look at the
    /// owner. Null for nothing, as of an event that erases.
    /// </summary>
    /// <param name="state">As it is after the event.</param>
    public virtual Beside? BesideAfter(TState state, TEvent @event) => null;

    /// <summary>True for the event that erases everything before it.</summary>
    public virtual bool Erases(TEvent @event) => false;

    /// <summary>Throws when the state breaks an invariant of its owner.</summary>
    public virtual void Check(TState state)
    {
    }

    /// <summary>The owner's receipts, or null when it keeps none.</summary>
    public virtual ReceiptBook? Receipts(TState state) => null;

    /// <summary>How many of the newest receipts stay in memory when the silo has too little of it.</summary>
    public virtual int ReceiptsKept => 0;

    /// <summary>The event that says how many of the oldest receipts moved to the table.</summary>
    public virtual TEvent ReceiptsMoved(int count) => throw new NotSupportedException();

    /// <summary>How many entries a snapshot would hold; one is taken when the tail has grown half as long as that.</summary>
    public virtual int Size(TState state) => 1;

    /// <summary>How the owner writes its snapshots; null when it takes none.</summary>
    public virtual SnapshotFormat<TState>? Snapshots => null;
}

/// <summary>How a state becomes a snapshot and comes back.</summary>
/// <param name="Shape">
/// Changes whenever what is stored can no longer be read as before; members that may be missing are no such change. A snapshot of an
/// unknown shape is ignored, and all that the stream ever recorded is read instead.
/// </param>
/// <param name="Capture">Copies the state, on the grain; the function it returns writes the copy, elsewhere.</param>
/// <param name="Restore">Reads what was written.</param>
/// <param name="Former">How to read the shapes of earlier versions, by name: for as long as a snapshot of one can be there.</param>
public sealed record SnapshotFormat<TState>(
    string Shape,
    Func<TState, Func<byte[]>> Capture,
    Func<string, ReadOnlyMemory<byte>, TState> Restore,
    IReadOnlyDictionary<string, Func<string, ReadOnlyMemory<byte>, TState>>? Former = null)
{
    /// <summary>What reads that shape, or null.</summary>
    public Func<string, ReadOnlyMemory<byte>, TState>? ReaderOf(string shape) => shape == Shape ? Restore : Former?.GetValueOrDefault(shape);
}

/// <summary>An owner is about to break its own invariant: a bug, never a refusal.</summary>
public sealed class InvariantViolationException(string message) : Exception(message);
