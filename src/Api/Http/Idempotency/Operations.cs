using Holdfast.Contracts;

namespace Holdfast.Api.Http.Idempotency;

/// <summary>Operation ids for requests that are idempotent by their method.</summary>
internal static class Operations
{
    /// <summary>A new operation for one PUT, PATCH or DELETE; the front door's own repeats keep it.</summary>
    public static Operation New(TimeProvider clock) => new(Guid.CreateVersion7(clock.GetUtcNow()), Fingerprint: 0);
}
