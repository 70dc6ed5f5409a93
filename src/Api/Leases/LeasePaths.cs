namespace Holdfast.Api.Leases;

internal static class LeasePaths
{
    public const string Route = "/v1/leases/{name}";

    public static string Verb(string lease, string verb) => $"/v1/leases/{lease}/{verb}";
}
