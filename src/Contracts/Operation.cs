namespace Holdfast.Contracts;

/// <summary>
/// The identity of one requested change. The owner of the changed state keeps a receipt under <see cref="Id"/>, so a repeat
/// of the operation gets the first answer instead of a second effect.
/// </summary>
/// <param name="Id">Made from the caller's idempotency key (UUIDv8), or drawn once per request (UUIDv7).</param>
/// <param name="Fingerprint">A hash of what is asked for; the same id with another fingerprint is refused as key reuse.</param>
/// <param name="Fence">
/// The lease under which the caller acts; null for none. No part of what is asked for: a repeat may come under a later term of the lease.
/// </param>
[GenerateSerializer, Immutable, Alias("holdfast.Operation")]
public readonly record struct Operation(
    [property: Id(0)] Guid Id, [property: Id(1)] ulong Fingerprint, [property: Id(2)] Fence? Fence = null);

/// <summary>
/// The term of a lease under which something is done. An owner that has seen a later term of the same lease refuses it: whoever has lost
/// the lease, and does not know it yet, changes nothing any more.
/// </summary>
/// <param name="Name">Of the lease.</param>
/// <param name="Number">Of the term; the front door has verified that it was given out.</param>
[GenerateSerializer, Immutable, Alias("holdfast.Fence")]
public sealed record Fence([property: Id(0)] string Name, [property: Id(1)] long Number);
