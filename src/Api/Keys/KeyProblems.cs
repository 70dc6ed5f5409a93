using Holdfast.Api.Http.Problems;
using Holdfast.Contracts;

namespace Holdfast.Api.Keys;

internal static class KeyProblems
{
    public static readonly ProblemKind NotFound = new("key_not_found", 404, "There is no such key");
    public static readonly ProblemKind TwoLive = new("key_name_in_use", 409, "Two keys of that name hold already");
    public static readonly ProblemKind Full = new("keyring_full", 409, "There are too many keys");

    public static Problem Unknown => NotFound.With("Check the id; GET /v1/keys lists those that there are.");

    public static Problem NameInUse => TwoLive.With("Revoke one of them first, or choose another name.");

    public static Problem NoRoom => Full.With(
        $"{Limits.Keys} hold at once; revoke some that nobody uses.");

    /// <summary>To a repeat: it was made, and has ended since.</summary>
    public static Problem Forgotten => NotFound.With("The request was done before, and its key has ended and is forgotten.");
}
