using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Holdfast.Domain.Owner;

namespace Holdfast.Domain.Profiles;

/// <summary>Everything that can happen to a profile. The names and members are stored: a test pins them.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Put), "profile.put")]
[JsonDerivedType(typeof(Patched), "profile.patched")]
[JsonDerivedType(typeof(Erased), "profile.erased")]
[JsonDerivedType(typeof(FenceSeen), "fence.seen")]
[JsonDerivedType(typeof(ReceiptsMoved), "receipts.moved")]
public abstract record ProfileEvent
{
    public sealed record Put(Guid Operation, ulong Fingerprint, JsonObject Profile) : ProfileEvent;

    /// <param name="Patch">The merge patch itself, so that the journal says who changed which field.</param>
    public sealed record Patched(Guid Operation, ulong Fingerprint, JsonObject Patch) : ProfileEvent;

    /// <summary>The tombstone. It names no person, only operations, so that a late retry of one cannot bring the person back.</summary>
    /// <param name="Known">Operations whose receipts the erased rows held.</param>
    public sealed record Erased(Guid Operation, ulong Fingerprint, KeptReceipt[] Known) : ProfileEvent
    {
        /// <summary>The leases of which the erased rows had seen terms: they name nobody. Null for none.</summary>
        public SeenFence[]? Fences { get; init; }
    }

    /// <summary>Something was asked under a later term of a lease than before.</summary>
    public sealed record FenceSeen(string Name, long Number) : ProfileEvent;

    public sealed record ReceiptsMoved(int Count) : ProfileEvent;
}
