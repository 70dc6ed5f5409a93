using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Grains.GroupCommit;

namespace Holdfast.Grains.Inventory;

/// <summary>How a product's history is stored.</summary>
internal sealed class StockStream : StreamDefinition<StockState, StockEvent>
{
    public static readonly StockStream Definition = new();

    public override string Kind => "product";

    public override JsonTypeInfo<StockEvent[]> Events => StockJson.Default.StockEventArray;

    public override SnapshotFormat<StockState> Snapshots { get; } = new(
        "stock/1",
        static state =>
        {
            var copy = state.Capture();
            return () => JsonSerializer.SerializeToUtf8Bytes(copy, StockJson.Default.StockSnapshot);
        },
        static (sku, bytes) => StockState.Restore(
            sku, JsonSerializer.Deserialize(bytes.Span, StockJson.Default.StockSnapshot) ?? throw new JsonException("The snapshot is empty.")));

    public override StockState NewState(string key) => new(key);

    public override void Apply(StockState state, StockEvent @event, long version, DateTimeOffset at) =>
        state.Apply(@event, version, at.ToUnixTimeMilliseconds());

    public override StockEvent? Elapse(StockState state, DateTimeOffset now) => StockRules.Elapse(state, now);

    public override void Check(StockState state) => StockRules.Check(state);

    public override ReceiptBook Receipts(StockState state) => state.Receipts;

    public override StockEvent ReceiptsMoved(int count) => new StockEvent.ReceiptsMoved(count);

    public override int Size(StockState state) => state.Holds.Count + state.Receipts.Size;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StockEvent[]))]
[JsonSerializable(typeof(StockSnapshot))]
internal sealed partial class StockJson : JsonSerializerContext;
