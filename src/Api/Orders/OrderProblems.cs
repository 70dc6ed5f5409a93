using Holdfast.Api.Http.Problems;
using Holdfast.Contracts.Orders;

namespace Holdfast.Api.Orders;

internal static class OrderProblems
{
    /// <summary>Where the order is.</summary>
    public static readonly ProblemMember<OrderStatus> Status = new("orderStatus");

    public static readonly ProblemMember<DateTimeOffset> SettledAt =
        new("settledAt", "When nothing can come to it any more; absent while nobody knows.");

    public static readonly ProblemKind NotFound = new("order_not_found", 404, "There is no such order");
    public static readonly ProblemKind TooManyChanges = new("too_many_changes", 409, "The order was changed too often");
    public static readonly ProblemKind AlreadyCharged = Of("already_charged", "The order is charged");
    public static readonly ProblemKind NeedsAttention = Of("needs_attention", "The order is parked for an operator");
    public static readonly ProblemKind NotParked = Of("not_parked", "The order is not parked");
    public static readonly ProblemKind BeingUndone = Of("being_undone", "The order is being undone");
    public static readonly ProblemKind Ended = Of("order_ended", "The order has ended");
    public static readonly ProblemKind Erased = Of("order_erased", "The order's text is erased");
    public static readonly ProblemKind NotEnded = Of("order_not_ended", "The order has not ended");
    public static readonly ProblemKind NotSettled = new("order_not_settled", 409, "Something can still come to the order")
    {
        Members = [Status, SettledAt],
    };

    public static readonly ProblemKind NotCharged = Of("not_charged", "The order is not charged");

    public static Problem Unknown => NotFound.With("Check the id: it is in the Location of the answer to POST /v1/orders.");

    /// <summary>It is in a state in which this cannot be done.</summary>
    private static ProblemKind Of(string code, string title) => new(code, 409, title) { Members = [Status] };
}
