using System.Text.Json.Serialization;

namespace Holdfast.Domain.Counters;

/// <summary>Everything that can happen to a counter, and to a shard of one. The names and members are stored: a test pins them.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Incremented), "counter.incremented")]
[JsonDerivedType(typeof(Sharded), "counter.sharded")]
[JsonDerivedType(typeof(FenceSeen), "fence.seen")]
[JsonDerivedType(typeof(ReceiptsMoved), "receipts.moved")]
public abstract record CounterEvent
{
    /// <param name="Value">After the increment.</param>
    public sealed record Incremented(Guid Operation, ulong Fingerprint, long Delta, long Value) : CounterEvent;

    /// <summary>Its increments go to shards from now on, so many, for ever.</summary>
    public sealed record Sharded(Guid Operation, ulong Fingerprint, int Shards) : CounterEvent;

    /// <summary>Something was asked under a later term of a lease than before.</summary>
    public sealed record FenceSeen(string Name, long Number) : CounterEvent;

    public sealed record ReceiptsMoved(int Count) : CounterEvent;
}
