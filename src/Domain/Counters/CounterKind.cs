using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Counters;

/// <summary>How a counter's history is stored.</summary>
public sealed class CounterKind : CounterHistory
{
    public static readonly CounterKind Instance = new();

    public override string Name => "counter";
}

/// <summary>How the history of a counter's shard is stored: as that of a counter, under a name of its own.</summary>
public sealed class CounterShardKind : CounterHistory
{
    public static readonly CounterShardKind Instance = new();

    public override string Name => "counter-shard";
}

/// <summary>What the two have in common.</summary>
public abstract class CounterHistory : OwnerKind<CounterState, CounterEvent>
{
    public override JsonTypeInfo<CounterEvent[]> Events => CounterJson.Default.CounterEventArray;

    public override SnapshotFormat<CounterState> Snapshots { get; } = SnapshotFormat.Json<CounterState, CounterSnapshot>(
        "counter/1",
        CounterJson.Default.CounterSnapshot,
        static state => state.Capture(),
        static (_, snapshot) => CounterState.Restore(snapshot));

    public override CounterState NewState(string key) => new();

    /// <summary>No list is made of counters.</summary>
    public override bool Publishes(CounterEvent @event) => false;

    public override CounterEvent ReceiptsMoved(int count) => new CounterEvent.ReceiptsMoved(count);

    public override CounterEvent FenceSeen(string name, long number) => new CounterEvent.FenceSeen(name, number);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CounterEvent[]))]
[JsonSerializable(typeof(CounterSnapshot))]
public sealed partial class CounterJson : JsonSerializerContext;
