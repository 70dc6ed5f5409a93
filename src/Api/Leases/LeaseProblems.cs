using Holdfast.Api.Http.Fences;
using Holdfast.Api.Http.Problems;

namespace Holdfast.Api.Leases;

internal static class LeaseProblems
{
    public static readonly ProblemText Holder = new("holder", "Who holds the lease now; absent when nobody does.");
    public static readonly ProblemMember<long> Newest = FenceProblems.Newest;
    public static readonly ProblemMember<DateTimeOffset> ExpiresAt = new("expiresAt", "Until when; absent when nobody holds it.");

    public static readonly ProblemKind Held = new("lease_held", 409, "Somebody holds the lease", Retryable: true)
    {
        Members = [Holder, ExpiresAt],
    };

    public static readonly ProblemKind Lost = new("lease_lost", 409, "The term of the lease is over")
    {
        Members = [Newest, Holder, ExpiresAt],
    };
}
