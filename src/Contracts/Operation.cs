namespace Holdfast.Contracts;

/// <summary>
/// The identity of one requested change. The owner of the changed state keeps a receipt under <see cref="Id"/>, so a repeat
/// of the operation gets the first answer instead of a second effect.
/// </summary>
/// <param name="Id">Made from the caller's idempotency key (UUIDv8), or drawn once per request (UUIDv7).</param>
/// <param name="Fingerprint">A hash of what is asked for; the same id with another fingerprint is refused as key reuse.</param>
[GenerateSerializer, Immutable, Alias("holdfast.Operation")]
public readonly record struct Operation([property: Id(0)] Guid Id, [property: Id(1)] ulong Fingerprint);
