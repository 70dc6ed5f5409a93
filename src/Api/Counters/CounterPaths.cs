namespace Holdfast.Api.Counters;

internal static class CounterPaths
{
    public static string Increments(string counter) => $"/v1/counters/{counter}/increments";
}
