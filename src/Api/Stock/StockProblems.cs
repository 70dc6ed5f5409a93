using Holdfast.Api.Http.Problems;
using Holdfast.Api.Shop;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Api.Stock;

internal static class StockProblems
{
    public static readonly ProblemMember<long> OnHand = new("onHand", "Units physically there.");
    public static readonly ProblemMember<long> Reserved = new("reserved", "Units held.");

    public static readonly ProblemKind BelowReserved = new("stock_below_reserved", 409, "On hand would fall below what is reserved")
    {
        Members = [ProductOwner.Available, OnHand, Reserved],
    };

    public static readonly ProblemKind VersionMismatch = ProblemKind.VersionMismatch with
    {
        Members = [ProblemMember.CurrentVersion, ProductOwner.Available, OnHand, Reserved],
    };

    /// <summary>412: something was sold, returned, counted or received since.</summary>
    public static Problem Moved(StockLevel stock) =>
        VersionMismatch.With("What is on hand has changed since it was counted: read the stock, count again, and send its new version.")
            .And(ProblemMember.CurrentVersion, stock.Version)
            .AndStock(stock.OnHand, stock.Reserved);

    /// <summary>With what is there now.</summary>
    public static Problem AndStock(this Problem problem, long onHand, long reserved) =>
        problem.And(ProductOwner.Available, onHand - reserved).And(OnHand, onHand).And(Reserved, reserved);

    public static readonly ProblemKind NoMovement = new("movement_not_found", 404, "The product has no such movement");

    public static readonly ProblemKind AboveLimit = new("stock_above_limit", 409, "On hand would pass the limit") { Members = [OnHand] };
}
