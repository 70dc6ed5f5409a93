using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Leases;

/// <summary>How a lease's history is stored. It takes snapshots: one that is renewed every few seconds has a long one.</summary>
public sealed class LeaseKind : OwnerKind<LeaseState, LeaseEvent>
{
    public static readonly LeaseKind Instance = new();

    public override string Name => "lease";

    public override JsonTypeInfo<LeaseEvent[]> Events => LeaseJson.Default.LeaseEventArray;

    public override SnapshotFormat<LeaseState> Snapshots { get; } = new(
        "lease/1",
        static state =>
        {
            var copy = state.Capture();
            return () => JsonSerializer.SerializeToUtf8Bytes(copy, LeaseJson.Default.LeaseSnapshot);
        },
        static (_, bytes) => LeaseState.Restore(
            JsonSerializer.Deserialize(bytes.Span, LeaseJson.Default.LeaseSnapshot)
            ?? throw new JsonException("The snapshot is empty.")));

    public override LeaseState NewState(string key) => new();

    /// <summary>No list shows a lease.</summary>
    public override bool Publishes(LeaseEvent @event) => false;

    public override LeaseEvent ReceiptsMoved(int count) => new LeaseEvent.ReceiptsMoved(count);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LeaseEvent[]))]
[JsonSerializable(typeof(LeaseSnapshot))]
public sealed partial class LeaseJson : JsonSerializerContext;
