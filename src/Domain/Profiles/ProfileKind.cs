using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Profiles;

/// <summary>How a profile's history is stored. It takes no snapshots: a profile has few edits, and an erasure less to chase.</summary>
public sealed class ProfileKind : OwnerKind<ProfileState, ProfileEvent>
{
    public static readonly ProfileKind Instance = new();

    public override string Name => "profile";

    public override JsonTypeInfo<ProfileEvent[]> Events => ProfileJson.Default.ProfileEventArray;

    public override ProfileState NewState(string key) => new(key);

    public override bool Publishes(ProfileEvent @event) => @event is not (ProfileEvent.ReceiptsMoved or ProfileEvent.FenceSeen);

    public override bool Erases(ProfileEvent @event) => @event is ProfileEvent.Erased;

    /// <summary>An erasure empties the table, and its tombstone names these.</summary>
    public override int ReceiptsKept => ProfileRules.KnownBound;

    public override ProfileEvent ReceiptsMoved(int count) => new ProfileEvent.ReceiptsMoved(count);

    public override ProfileEvent FenceSeen(string name, long number) => new ProfileEvent.FenceSeen(name, number);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProfileEvent[]))]
public sealed partial class ProfileJson : JsonSerializerContext;
