namespace Holdfast.Api.Profiles;

internal static class ProfilePaths
{
    public static string Profile(string customer) => $"/v1/customers/{customer}/profile";
}
