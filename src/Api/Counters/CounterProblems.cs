using Holdfast.Api.Http.Problems;

namespace Holdfast.Api.Counters;

internal static class CounterProblems
{
    public static readonly ProblemKind Overflow = new("counter_overflow", 409, "The counter would leave its range");
}
