using Holdfast.Api.Http.Problems;
using Holdfast.Api.Shop;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Api.Reservations;

internal static class ReservationProblems
{
    /// <summary>What became of it.</summary>
    public static readonly ProblemMember<ReservationStatus> Status = new("reservationStatus");

    public static readonly ProblemMember<long> Shortfall = new("shortfall", "Units asked for minus units available.");

    public static readonly ProblemKind InsufficientStock = new("insufficient_stock", 409, "Not enough stock is available")
    {
        Members = [Shortfall, ProductOwner.Available],
    };

    public static readonly ProblemKind TooMany = new("too_many_reservations", 409, "The product has too many open reservations");
    public static readonly ProblemKind Archived = new("product_archived", 409, "The product is not for sale any more");
    public static readonly ProblemKind NotFound = new("reservation_not_found", 404, "There is no such reservation");
    public static readonly ProblemKind Expired = Of("reservation_expired", "The reservation has expired");
    public static readonly ProblemKind Released = new("reservation_released", 409, "The reservation was released before it was made");
    public static readonly ProblemKind AlreadyCommitted = Of("already_committed", "The reservation is committed");
    public static readonly ProblemKind AlreadyReleased = Of("already_released", "The reservation is released");

    public static Problem Unknown =>
        NotFound.With("Check the SKU and the id. Reservations that ended long ago are forgotten.");

    /// <summary>It is in a state in which this cannot be done.</summary>
    private static ProblemKind Of(string code, string title) => new(code, 409, title) { Members = [Status] };
}
