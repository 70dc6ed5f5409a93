using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Contracts.Counters;
using Holdfast.Grains.GroupCommit;
using static Holdfast.Grains.GroupCommit.Decide<Holdfast.Grains.Counters.CounterEvent>;

namespace Holdfast.Grains.Counters;

/// <summary>Everything that can happen to a counter. The names and members are stored: a test pins them.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Incremented), "counter.incremented")]
[JsonDerivedType(typeof(ReceiptsMoved), "receipts.moved")]
public abstract record CounterEvent
{
    /// <param name="Value">After the increment.</param>
    public sealed record Incremented(Guid Operation, ulong Fingerprint, long Delta, long Value) : CounterEvent;

    public sealed record ReceiptsMoved(int Count) : CounterEvent;
}

/// <summary>What the owner of one counter knows. A receipt's A is the value after its increment.</summary>
internal sealed class CounterState
{
    public long Value { get; private set; }

    public ReceiptBook Receipts { get; private set; } = new();

    public void Apply(CounterEvent @event, long at)
    {
        switch (@event)
        {
            case CounterEvent.Incremented incremented:
                Value = incremented.Value;
                Receipts.Record(incremented.Operation, new(incremented.Fingerprint, at, 0, Value, 0));
                break;
            case CounterEvent.ReceiptsMoved moved:
                Receipts.MoveOldest(moved.Count);
                break;
        }
    }

    public static CounterState Restore(CounterSnapshot snapshot) =>
        new() { Value = snapshot.Value, Receipts = ReceiptBook.Restore(snapshot.Receipts) };
}

internal sealed record CounterSnapshot(long Value, ReceiptBookSnapshot Receipts);

/// <summary>The rules of an exact counter.</summary>
internal static class CounterRules
{
    public static Decision<CounterEvent, IncrementOutcome> Increment(CounterState state, IncrementCounter command, DateTimeOffset now)
    {
        var (id, fingerprint) = command.Operation;
        if (state.Receipts.TryGet(id, out var receipt))
        {
            return Answer<IncrementOutcome>(receipt.Fingerprint == fingerprint
                ? new(IncrementStatus.Incremented, receipt.A, Replayed: true)
                : new(IncrementStatus.KeyReused));
        }

        var value = unchecked(state.Value + command.Delta);
        var overflows = ((state.Value ^ value) & (command.Delta ^ value)) < 0;
        return overflows
            ? Refuse<IncrementOutcome>(new(IncrementStatus.Overflow, state.Value))
            : Change<IncrementOutcome>(
                new(IncrementStatus.Incremented, value), new CounterEvent.Incremented(id, fingerprint, command.Delta, value));
    }

    public static Decision<CounterEvent, long> Read(CounterState state, bool _, DateTimeOffset now) => Answer(state.Value);
}

/// <summary>How a counter's history is stored.</summary>
internal sealed class CounterStream : StreamDefinition<CounterState, CounterEvent>
{
    public static readonly CounterStream Definition = new();

    public override string Kind => "counter";

    public override JsonTypeInfo<CounterEvent[]> Events => CounterJson.Default.CounterEventArray;

    public override SnapshotFormat<CounterState> Snapshots { get; } = new(
        "counter/1",
        static state =>
        {
            var copy = new CounterSnapshot(state.Value, state.Receipts.Capture());
            return () => JsonSerializer.SerializeToUtf8Bytes(copy, CounterJson.Default.CounterSnapshot);
        },
        static (_, bytes) => CounterState.Restore(
            JsonSerializer.Deserialize(bytes.Span, CounterJson.Default.CounterSnapshot) ?? throw new JsonException("The snapshot is empty.")));

    public override CounterState NewState(string key) => new();

    public override void Apply(CounterState state, CounterEvent @event, long version, DateTimeOffset at) =>
        state.Apply(@event, at.ToUnixTimeMilliseconds());

    public override ReceiptBook Receipts(CounterState state) => state.Receipts;

    public override CounterEvent ReceiptsMoved(int count) => new CounterEvent.ReceiptsMoved(count);

    public override int Size(CounterState state) => 1 + state.Receipts.Size;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CounterEvent[]))]
[JsonSerializable(typeof(CounterSnapshot))]
internal sealed partial class CounterJson : JsonSerializerContext;
