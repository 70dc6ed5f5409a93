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

    public override SnapshotFormat<LeaseState> Snapshots { get; } = SnapshotFormat.Json<LeaseState, LeaseSnapshot>(
        "lease/1",
        LeaseJson.Default.LeaseSnapshot,
        static state => state.Capture(),
        static (_, snapshot) => LeaseState.Restore(snapshot));

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
