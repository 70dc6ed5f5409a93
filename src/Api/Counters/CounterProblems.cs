using Holdfast.Api.Http.Problems;

namespace Holdfast.Api.Counters;

internal static class CounterProblems
{
    public static readonly ProblemMember<int> Shards = new("shards", "Parts that the counter has.");

    public static readonly ProblemKind Overflow = new("counter_overflow", 409, "The counter would leave its range");

    public static readonly ProblemKind OnlyGrows = new("counter_only_grows", 409, "A counter with shards is not decremented");

    public static readonly ProblemKind NotFenced = new("counter_not_fenced", 409, "A counter with shards looks at no fence");

    public static readonly ProblemKind Started = new("counter_started", 409, "The counter was incremented before");

    public static readonly ProblemKind ShardsFixed = new("counter_shards_fixed", 409, "The counter has another number of shards")
    {
        Members = [Shards],
    };
}
