using Holdfast.Api.Http.Problems;
using Holdfast.Contracts;

namespace Holdfast.Api.Http.Fences;

/// <summary>How what is asked under a lease is refused, wherever it is asked.</summary>
internal static class FenceProblems
{
    public static readonly ProblemText Lease = new("lease", "The name of the lease.");
    public static readonly ProblemMember<long> Number = new("number", "Of the term of the lease under which it was asked.");
    public static readonly ProblemMember<long> Newest = new("newest", "Of the newest term of the lease that has been here.");

    public static readonly ProblemKind TokenInvalid = new("lease_token_invalid", 400, "The token is of no term of the lease");

    public static readonly ProblemKind Fenced = new("fenced", 409, "A later holder of the lease has been here")
    {
        Members = [Lease, Number, Newest],
    };

    public static readonly ProblemKind NamesFull = new("fence_names_full", 409, "Too many leases have been here")
    {
        Members = [Lease],
    };

    public static readonly ProblemKind Unsupported = new("fence_unsupported", 400, "Nothing here looks at a fence");

    public static Problem NotOfThisStore => TokenInvalid.With(
        "A token goes with the lease that it was given out for, until the store is restored from a copy. Acquire the lease.");

    public static Problem Of(FencedException refusal) => refusal.IsFull
        ? NamesFull.With($"It remembers {Limits.FenceNames} leases, for ever: use one of those, or none.").And(Lease, refusal.Fence.Name)
        : Fenced.With("The lease is lost, and somebody else has acted under it. Stop, and acquire it anew.")
            .And(Lease, refusal.Fence.Name)
            .And(Number, refusal.Fence.Number)
            .And(Newest, refusal.Newest);
}
