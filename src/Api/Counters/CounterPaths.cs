namespace Holdfast.Api.Counters;

internal static class CounterPaths
{
    public static string Counter(string counter) => $"/v1/counters/{counter}";

    public static string Increments(string counter) => $"{Counter(counter)}/increments";
}
