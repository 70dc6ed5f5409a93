using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Contracts;
using Holdfast.Contracts.Profiles;
using Holdfast.Grains.GroupCommit;
using static Holdfast.Grains.GroupCommit.Decide<Holdfast.Grains.Profiles.ProfileEvent>;

namespace Holdfast.Grains.Profiles;

/// <summary>Everything that can happen to a profile. The names and members are stored: a test pins them.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Put), "profile.put")]
[JsonDerivedType(typeof(Patched), "profile.patched")]
[JsonDerivedType(typeof(Erased), "profile.erased")]
[JsonDerivedType(typeof(ReceiptsMoved), "receipts.moved")]
public abstract record ProfileEvent
{
    public sealed record Put(Guid Operation, ulong Fingerprint, JsonObject Profile) : ProfileEvent;

    /// <param name="Patch">The merge patch itself, so that the journal says who changed which field.</param>
    public sealed record Patched(Guid Operation, ulong Fingerprint, JsonObject Patch) : ProfileEvent;

    /// <summary>The tombstone. It names no person, only operations, so that a late retry of one cannot bring the person back.</summary>
    /// <param name="Known">Operations whose receipts the erased rows held.</param>
    public sealed record Erased(Guid Operation, ulong Fingerprint, KeptReceipt[] Known) : ProfileEvent;

    public sealed record ReceiptsMoved(int Count) : ProfileEvent;
}

/// <summary>What the owner of one profile knows. A receipt's B is the version of its event.</summary>
internal sealed class ProfileState(string userId)
{
    public const byte Edit = 0;
    public const byte Erasure = 1;
    public const byte Creation = 2;

    public string UserId { get; } = userId;

    /// <summary>Null when there is none. Replaced, never changed in place: a patch that is refused must leave no trace.</summary>
    public JsonObject? Document { get; private set; }

    /// <summary>Of the last event that changed the profile.</summary>
    public long ProfileVersion { get; private set; }

    /// <summary>Of the last event applied; a rule's first event gets the next one.</summary>
    public long Version { get; private set; }

    public ReceiptBook Receipts { get; private set; } = new();

    public void Apply(ProfileEvent @event, long version, long at)
    {
        Version = version;
        switch (@event)
        {
            case ProfileEvent.Put put:
                Receipts.Record(put.Operation, new(put.Fingerprint, at, Document is null ? Creation : Edit, 0, version));
                (Document, ProfileVersion) = (put.Profile, version);
                break;
            case ProfileEvent.Patched patched:
                Receipts.Record(patched.Operation, new(patched.Fingerprint, at, Document is null ? Creation : Edit, 0, version));
                (Document, ProfileVersion) = (MergePatch.Apply(Document ?? [], patched.Patch), version);
                break;
            case ProfileEvent.Erased erased:
                // From here on exactly what a replay of the erased rows can know.
                (Document, ProfileVersion, Receipts) = (null, version, new());
                foreach (var (id, receipt) in erased.Known) Receipts.Record(id, receipt);
                Receipts.Record(erased.Operation, new(erased.Fingerprint, at, Erasure, 0, version));
                break;
            case ProfileEvent.ReceiptsMoved moved:
                Receipts.MoveOldest(moved.Count);
                break;
        }
    }
}

/// <summary>The rules of a profile that several people edit at once.</summary>
internal static class ProfileRules
{
    /// <summary>Receipts that a tombstone carries over, newest first to go in.</summary>
    public const int KnownBound = 1_000;

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Decision<ProfileEvent, ProfileOutcome> Put(ProfileState state, EditProfile command, DateTimeOffset now)
    {
        if (Replay(state, command.Operation) is { } replayed) return replayed;
        if (Mismatch(state, command.IfVersion, command.IfAbsent) is { } mismatch) return mismatch;
        return Edit(state, Parse(command.Json), document => new ProfileEvent.Put(command.Operation.Id, command.Operation.Fingerprint, document));
    }

    public static Decision<ProfileEvent, ProfileOutcome> Patch(ProfileState state, EditProfile command, DateTimeOffset now)
    {
        if (Replay(state, command.Operation) is { } replayed) return replayed;

        // A patch that comes after an erasure must not bring the person back in part.
        if (command.IfPresent && state.Document is null) return Refuse<ProfileOutcome>(new(ProfileStatus.NotFound, null));
        if (Mismatch(state, command.IfVersion, command.IfAbsent) is { } mismatch) return mismatch;
        var patch = Parse(command.Json);
        return Edit(
            state,
            MergePatch.Apply(state.Document ?? [], patch),
            _ => new ProfileEvent.Patched(command.Operation.Id, command.Operation.Fingerprint, patch));
    }

    public static Decision<ProfileEvent, ProfileOutcome> Erase(ProfileState state, EraseProfile command, DateTimeOffset now)
    {
        if (Replay(state, command.Operation) is { } replayed) return replayed;
        if (state.Document is null) return Refuse<ProfileOutcome>(new(ProfileStatus.NotFound, null));
        if (Mismatch(state, command.IfVersion, ifAbsent: false) is { } mismatch) return mismatch;
        var known = state.Receipts.Capture().Kept.TakeLast(KnownBound).ToArray();
        return Change<ProfileOutcome>(
            new(ProfileStatus.Erased, null),
            new ProfileEvent.Erased(command.Operation.Id, command.Operation.Fingerprint, known));
    }

    public static Decision<ProfileEvent, Profile?> Read(ProfileState state, bool _, DateTimeOffset now) => Answer(View(state));

    private static Decision<ProfileEvent, ProfileOutcome> Edit(
        ProfileState state, JsonObject document, Func<JsonObject, ProfileEvent> edited)
    {
        var json = Text(document);
        if (Encoding.UTF8.GetByteCount(json) > Limits.ProfileBytes)
        {
            return Refuse<ProfileOutcome>(new(ProfileStatus.TooLarge, View(state)));
        }

        return Change<ProfileOutcome>(
            new(
                state.Document is null ? ProfileStatus.Created : ProfileStatus.Changed,
                new(state.UserId, json, state.Version + 1)),
            edited(document));
    }

    /// <summary>The first answer's outcome, with the profile as it is now: text and version belong together.</summary>
    private static Decision<ProfileEvent, ProfileOutcome>? Replay(ProfileState state, Operation operation)
    {
        if (!state.Receipts.TryGet(operation.Id, out var receipt)) return null;
        if (receipt.Fingerprint != operation.Fingerprint) return Answer<ProfileOutcome>(new(ProfileStatus.KeyReused, View(state)));
        return Answer<ProfileOutcome>(receipt.Kind == ProfileState.Erasure || state.Document is null
            ? new(ProfileStatus.Erased, null)
            : new(receipt.Kind == ProfileState.Creation ? ProfileStatus.Created : ProfileStatus.Changed, View(state)));
    }

    private static Decision<ProfileEvent, ProfileOutcome>? Mismatch(ProfileState state, long? ifVersion, bool ifAbsent)
    {
        var exists = state.Document is not null;
        var mismatch = (ifAbsent && exists) || (ifVersion is { } version && !(exists && version == state.ProfileVersion));
        return mismatch ? Refuse<ProfileOutcome>(new(ProfileStatus.VersionMismatch, View(state))) : null;
    }

    private static Profile? View(ProfileState state) =>
        state.Document is { } document ? new(state.UserId, Text(document), state.ProfileVersion) : null;

    /// <summary>Without escapes that only HTML needs: they would count against the limit, sixfold.</summary>
    private static string Text(JsonObject document) => document.ToJsonString(Plain);

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}

/// <summary>How a profile's history is stored. It takes no snapshots: a profile has few edits, and an erasure less to chase.</summary>
internal sealed class ProfileStream : StreamDefinition<ProfileState, ProfileEvent>
{
    public static readonly ProfileStream Definition = new();

    public override string Kind => "profile";

    public override JsonTypeInfo<ProfileEvent[]> Events => ProfileJson.Default.ProfileEventArray;

    public override ProfileState NewState(string key) => new(key);

    public override void Apply(ProfileState state, ProfileEvent @event, long version, DateTimeOffset at) =>
        state.Apply(@event, version, at.ToUnixTimeMilliseconds());

    public override bool Erases(ProfileEvent @event) => @event is ProfileEvent.Erased;

    public override ReceiptBook Receipts(ProfileState state) => state.Receipts;

    /// <summary>An erasure empties the table, and its tombstone names these.</summary>
    public override int ReceiptsKept => ProfileRules.KnownBound;

    public override ProfileEvent ReceiptsMoved(int count) => new ProfileEvent.ReceiptsMoved(count);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProfileEvent[]))]
internal sealed partial class ProfileJson : JsonSerializerContext;
