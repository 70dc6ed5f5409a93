using System.Text.Json.Serialization;

namespace Holdfast.Domain.Callers;

/// <summary>Everything that can happen to the keys of a store. The names and members are stored: a test pins them.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Made), "key.made")]
[JsonDerivedType(typeof(Revoked), "key.revoked")]
[JsonDerivedType(typeof(ReceiptsMoved), "receipts.moved")]
public abstract record KeyringEvent
{
    /// <param name="Hash">SHA-256 of the secret, hexadecimal: of the secret itself nothing is stored.</param>
    /// <param name="ExpiresAt">Unix milliseconds; null for never.</param>
    public sealed record Made(
        Guid Operation, ulong Fingerprint, string Id, string Name, string[] Scopes, string Hash, long? ExpiresAt = null) : KeyringEvent;

    public sealed record Revoked(Guid Operation, ulong Fingerprint, string Id) : KeyringEvent;

    public sealed record ReceiptsMoved(int Count) : KeyringEvent;
}
