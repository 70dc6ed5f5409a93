using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Inventory;

/// <summary>How a product's history is stored.</summary>
public sealed class StockKind : OwnerKind<StockState, StockEvent>
{
    public static readonly StockKind Instance = new();

    public override string Name => "product";

    public override JsonTypeInfo<StockEvent[]> Events => StockJson.Default.StockEventArray;

    public override SnapshotFormat<StockState> Snapshots { get; } = SnapshotFormat.Json<StockState, StockSnapshot>(
        "stock/1", StockJson.Default.StockSnapshot, static state => state.Capture(), StockState.Restore);

    public override StockState NewState(string key) => new(key);

    /// <summary>
    /// What the shop shows of it, and what changed what is on hand. Holds come and go by the thousand, and are nobody else's.
    /// </summary>
    public override bool Publishes(StockEvent @event) =>
        @event is StockEvent.DetailsPut or StockEvent.PricesPut
            or StockEvent.Adjusted or StockEvent.Counted or StockEvent.Superseded or StockEvent.Committed or StockEvent.Returned;

    public override StockEvent ReceiptsMoved(int count) => new StockEvent.ReceiptsMoved(count);

    public override StockEvent FenceSeen(string name, long number) => new StockEvent.FenceSeen(name, number);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StockEvent[]))]
[JsonSerializable(typeof(StockSnapshot))]
public sealed partial class StockJson : JsonSerializerContext;
