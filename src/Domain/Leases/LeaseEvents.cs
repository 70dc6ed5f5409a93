using System.Text.Json.Serialization;

namespace Holdfast.Domain.Leases;

/// <summary>Everything that can happen to a lease. The names and members are stored: a test pins them.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Acquired), "lease.acquired")]
[JsonDerivedType(typeof(Renewed), "lease.renewed")]
[JsonDerivedType(typeof(Released), "lease.released")]
[JsonDerivedType(typeof(Expired), "lease.expired")]
[JsonDerivedType(typeof(ReceiptsMoved), "receipts.moved")]
public abstract record LeaseEvent
{
    /// <summary>A new term begins.</summary>
    /// <param name="ExpiresAt">Unix milliseconds.</param>
    public sealed record Acquired(Guid Operation, ulong Fingerprint, string Holder, long Number, long ExpiresAt) : LeaseEvent;

    /// <param name="ExpiresAt">Unix milliseconds; never earlier than before.</param>
    public sealed record Renewed(Guid Operation, ulong Fingerprint, long ExpiresAt) : LeaseEvent;

    public sealed record Released(Guid Operation, ulong Fingerprint) : LeaseEvent;

    /// <summary>The term was over when somebody came: whoever was told so is not told otherwise by a clock that goes back.</summary>
    public sealed record Expired : LeaseEvent;

    public sealed record ReceiptsMoved(int Count) : LeaseEvent;
}
