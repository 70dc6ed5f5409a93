using Holdfast.Api.Http.Problems;
using Holdfast.Api.Shop;

namespace Holdfast.Api.Stock;

internal static class StockProblems
{
    public static readonly ProblemMember<long> OnHand = new("onHand", "Units physically there.");
    public static readonly ProblemMember<long> Reserved = new("reserved", "Units held.");

    public static readonly ProblemKind BelowReserved = new("stock_below_reserved", 409, "On hand would fall below what is reserved")
    {
        Members = [ProductOwner.Available, OnHand, Reserved],
    };

    public static readonly ProblemKind AboveLimit = new("stock_above_limit", 409, "On hand would pass the limit") { Members = [OnHand] };
}
