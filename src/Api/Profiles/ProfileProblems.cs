using Holdfast.Api.Http.Problems;

namespace Holdfast.Api.Profiles;

internal static class ProfileProblems
{
    public static readonly ProblemKind NotFound = new("profile_not_found", 404, "There is no such profile");
    public static readonly ProblemKind TooLarge = new("profile_too_large", 422, "The profile would be too large");
}
