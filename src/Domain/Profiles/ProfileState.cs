using System.Text.Json.Nodes;
using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Profiles;

/// <summary>What the owner of one profile knows.</summary>
public sealed class ProfileState(string userId) : IOwnerState<ProfileEvent>
{
    public string UserId { get; } = userId;

    /// <summary>Null when there is none. Replaced, never changed in place: a patch that is refused must leave no trace.</summary>
    public JsonObject? Document { get; private set; }

    /// <summary>Of the last event that changed the profile.</summary>
    public long ProfileVersion { get; private set; }

    /// <summary>Of the last event applied; a rule's first event gets the next one.</summary>
    public long Version { get; private set; }

    public ReceiptBook Receipts { get; private set; } = new();

    public SeenFence[]? Fences { get; private set; }

    public void Apply(ProfileEvent @event, long version, DateTimeOffset at)
    {
        Version = version;
        switch (@event)
        {
            case ProfileEvent.Put put:
                Receipts.Record(put.Operation, ProfileReceipts.Edited(put.Fingerprint, at, version, creates: Document is null));
                (Document, ProfileVersion) = (put.Profile, version);
                break;
            case ProfileEvent.Patched patched:
                Receipts.Record(patched.Operation, ProfileReceipts.Edited(patched.Fingerprint, at, version, creates: Document is null));
                (Document, ProfileVersion) = (MergePatch.Apply(Document ?? [], patched.Patch), version);
                break;
            case ProfileEvent.Erased erased:
                // From here on exactly what a replay of the erased rows can know.
                (Document, ProfileVersion, Receipts, Fences) = (null, version, new(), erased.Fences);
                foreach (var (id, receipt) in erased.Known) Receipts.Record(id, receipt);
                Receipts.Record(erased.Operation, ProfileReceipts.Erased(erased.Fingerprint, at, version));
                break;
            case ProfileEvent.FenceSeen seen:
                Fences = Fences.With(seen.Name, seen.Number);
                break;
            case ProfileEvent.ReceiptsMoved moved:
                Receipts.MoveOldest(moved.Count);
                break;
        }
    }
}
