using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Holdfast.Contracts;
using Holdfast.Contracts.Profiles;
using Holdfast.Domain.Owner;
using static Holdfast.Domain.Owner.Decide<Holdfast.Domain.Profiles.ProfileEvent>;

namespace Holdfast.Domain.Profiles;

/// <summary>The rules of a profile that several people edit at once.</summary>
public static class ProfileRules
{
    /// <summary>Receipts that a tombstone carries over, newest first to go in.</summary>
    public const int KnownBound = 1_000;

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Decision<ProfileEvent, ProfileOutcome> Put(ProfileState state, EditProfile command, DateTimeOffset now)
    {
        if (Mismatch(state, command.IfVersion, command.IfAbsent) is { } mismatch) return mismatch;
        return Edit(state, Parse(command.Json), document => new ProfileEvent.Put(command.Operation.Id, command.Operation.Fingerprint, document));
    }

    public static Decision<ProfileEvent, ProfileOutcome> Patch(ProfileState state, EditProfile command, DateTimeOffset now)
    {
        // A patch that comes after an erasure must not bring the person back in part.
        if (command.IfPresent && state.Document is null) return Answer<ProfileOutcome>(new(ProfileStatus.NotFound, null));
        if (Mismatch(state, command.IfVersion, command.IfAbsent) is { } mismatch) return mismatch;
        var patch = Parse(command.Json);
        return Edit(
            state,
            MergePatch.Apply(state.Document ?? [], patch),
            _ => new ProfileEvent.Patched(command.Operation.Id, command.Operation.Fingerprint, patch));
    }

    public static Decision<ProfileEvent, ProfileOutcome> Erase(ProfileState state, EraseProfile command, DateTimeOffset now)
    {
        if (state.Document is null) return Answer<ProfileOutcome>(new(ProfileStatus.NotFound, null));
        if (Mismatch(state, command.IfVersion, ifAbsent: false) is { } mismatch) return mismatch;

        // Of what they asked nothing stays, not even a hash: whoever guesses an address must not find it confirmed here.
        var known = state.Receipts.Capture().Kept.TakeLast(KnownBound)
            .Select(static kept => kept with { Receipt = ProfileReceipts.Forgotten(kept.Receipt) })
            .ToArray();
        return Change<ProfileOutcome>(
            new(ProfileStatus.Erased, null),
            new ProfileEvent.Erased(command.Operation.Id, command.Operation.Fingerprint, known) { Fences = state.Fences });
    }

    /// <summary>The first answer's outcome, with the profile as it is now: text and version belong together.</summary>
    public static ProfileOutcome ChangedBefore<TCommand>(ProfileState state, TCommand command, Receipt? first)
    {
        if (first is not { } receipt) return new(ProfileStatus.KeyReused, View(state));
        if (receipt.IsErasure || state.Document is null) return new(ProfileStatus.Erased, null, Replayed: true);
        return new(receipt.IsCreation ? ProfileStatus.Created : ProfileStatus.Changed, View(state), Replayed: true);
    }

    public static Profile? View(ProfileState state) =>
        state.Document is { } document ? new(state.UserId, Text(document), state.ProfileVersion) : null;

    private static Decision<ProfileEvent, ProfileOutcome> Edit(
        ProfileState state, JsonObject document, Func<JsonObject, ProfileEvent> edited)
    {
        var json = Text(document);
        if (Encoding.UTF8.GetByteCount(json) > Limits.ProfileBytes)
        {
            return Answer<ProfileOutcome>(new(ProfileStatus.TooLarge, View(state)));
        }

        return Change<ProfileOutcome>(
            new(
                state.Document is null ? ProfileStatus.Created : ProfileStatus.Changed,
                new(state.UserId, json, state.Version + 1)),
            edited(document));
    }

    private static Decision<ProfileEvent, ProfileOutcome>? Mismatch(ProfileState state, long? ifVersion, bool ifAbsent)
    {
        var exists = state.Document is not null;
        var mismatch = (ifAbsent && exists) || (ifVersion is { } version && !(exists && version == state.ProfileVersion));
        return mismatch ? Answer<ProfileOutcome>(new(ProfileStatus.VersionMismatch, View(state))) : null;
    }

    /// <summary>Without escapes that only HTML needs: they would count against the limit, sixfold.</summary>
    private static string Text(JsonObject document) => document.ToJsonString(Plain);

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
