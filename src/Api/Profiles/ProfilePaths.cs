namespace Holdfast.Api.Profiles;

internal static class ProfilePaths
{
    public static string Profile(string user) => $"/v1/users/{user}/profile";
}
