using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Callers;

/// <summary>How the history of a store's keys is stored. It takes no snapshots: keys are made and revoked by people.</summary>
public sealed class KeyringKind : OwnerKind<KeyringState, KeyringEvent>
{
    public static readonly KeyringKind Instance = new();

    public override string Name => "keyring";

    public override JsonTypeInfo<KeyringEvent[]> Events => KeyringJson.Default.KeyringEventArray;

    public override KeyringState NewState(string key) => new();

    public override bool Publishes(KeyringEvent @event) => @event is not KeyringEvent.ReceiptsMoved;

    public override KeyringEvent ReceiptsMoved(int count) => new KeyringEvent.ReceiptsMoved(count);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeyringEvent[]))]
[JsonSerializable(typeof(Dictionary<string, long>))]
public sealed partial class KeyringJson : JsonSerializerContext;
