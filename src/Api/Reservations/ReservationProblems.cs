using Holdfast.Api.Http.Problems;
using Holdfast.Api.Shop;

namespace Holdfast.Api.Reservations;

internal static class ReservationProblems
{
    public static readonly ProblemMember<long> Shortfall = new("shortfall", "Units asked for minus units available.");

    public static readonly ProblemKind InsufficientStock = new("insufficient_stock", 409, "Not enough stock is available")
    {
        Members = [Shortfall, ProductOwner.Available],
    };

    public static readonly ProblemKind TooMany = new("too_many_reservations", 409, "The product has too many open reservations");
    public static readonly ProblemKind NotFound = new("reservation_not_found", 404, "There is no such reservation");
    public static readonly ProblemKind Expired = new("reservation_expired", 409, "The reservation has expired");
    public static readonly ProblemKind Released = new("reservation_released", 409, "The reservation was released before it was made");
    public static readonly ProblemKind AlreadyCommitted = new("already_committed", 409, "The reservation is committed");
    public static readonly ProblemKind AlreadyReleased = new("already_released", 409, "The reservation is released");
}
