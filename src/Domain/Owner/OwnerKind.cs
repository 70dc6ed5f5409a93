using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Holdfast.Domain.Owner;

/// <summary>One kind of owner: how its streams are named and written, and what follows from its events. All of it pure.</summary>
public abstract class OwnerKind<TState, TEvent>
    where TState : class, IOwnerState<TEvent>
    where TEvent : class
{
    /// <summary>The first part of the stream's name, <c>name/key</c>. Stored.</summary>
    public abstract string Name { get; }

    /// <summary>Writes and reads the array of events that one append stores.</summary>
    public abstract JsonTypeInfo<TEvent[]> Events { get; }

    /// <summary>How many of the newest receipts stay in memory when the silo has too little of it.</summary>
    public virtual int ReceiptsKept => 0;

    /// <summary>How the owner writes its snapshots; null when it takes none.</summary>
    public virtual SnapshotFormat<TState>? Snapshots => null;

    public abstract TState NewState(string key);

    /// <summary>The message that follows from the event, or null.</summary>
    /// <param name="state">As it is after the event.</param>
    public virtual OutgoingMessage? MessageAfter(TState state, TEvent @event) => null;

    /// <summary>
    /// True for an event that others than the owner are to hear of: the append that holds it is published. What is left out costs its owner
    /// nothing, and is missing in every list that is made of the feed. It says so by the event alone, so that a replay knows it, too.
    /// </summary>
    public abstract bool Publishes(TEvent @event);

    /// <summary>True for the event that erases everything before it.</summary>
    public virtual bool Erases(TEvent @event) => false;

    /// <summary>The event that says how many of the oldest receipts moved to the table.</summary>
    public virtual TEvent ReceiptsMoved(int count) => throw new NotSupportedException($"Owners of kind '{Name}' keep no receipts.");

    /// <summary>The event that says that the owner has seen a later term of a lease than before.</summary>
    public virtual TEvent FenceSeen(string name, long number) =>
        throw new NotSupportedException($"Nothing is asked of owners of kind '{Name}' under a lease.");

    /// <summary>Applies the events of a stored append.</summary>
    /// <param name="events">As stored: a JSON array, UTF-8.</param>
    /// <param name="firstVersion">Of the first event.</param>
    /// <param name="recordedAt">When they were decided.</param>
    public Replayed Replay(TState state, ReadOnlySpan<byte> events, long firstVersion, DateTimeOffset recordedAt)
    {
        var (erases, published) = (false, false);
        foreach (var @event in JsonSerializer.Deserialize(events, Events) ?? [])
        {
            erases |= Erases(@event);
            published |= Publishes(@event);
            state.Apply(@event, firstVersion++, recordedAt);
        }

        return new(erases, published);
    }
}

/// <summary>What a stored append was.</summary>
/// <param name="Erases">One of its events erases everything before it.</param>
/// <param name="Published">One of its events is published. Not known of an append that was erased.</param>
public readonly record struct Replayed(bool Erases, bool Published);
