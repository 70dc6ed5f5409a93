namespace Holdfast.Api.Http;

/// <summary>Every way in which the front door refuses, each with a code that never changes.</summary>
/// <param name="Code">For programs.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Title">The same for every occurrence.</param>
/// <param name="Retryable">The very same request, with the same idempotency key, is safe to repeat and may succeed.</param>
public sealed record ProblemKind(string Code, int Status, string Title, bool Retryable = false)
{
    public static readonly ProblemKind Malformed = new("validation", 400, "The request cannot be read");
    public static readonly ProblemKind OutOfBounds = new("validation", 422, "The request is out of bounds");
    public static readonly ProblemKind IdempotencyKeyMissing = new("idempotency_key_missing", 400, "An Idempotency-Key is required");
    public static readonly ProblemKind IdempotencyKeyInvalid = new("idempotency_key_invalid", 400, "The Idempotency-Key is not usable");
    public static readonly ProblemKind IdempotencyKeyReused =
        new("idempotency_key_reused", 422, "The Idempotency-Key was used for another request");
    public static readonly ProblemKind IdempotencyInProgress =
        new("idempotency_in_progress", 409, "The first request with this Idempotency-Key is still running", Retryable: true);

    public static readonly ProblemKind ProductNotFound = new("product_not_found", 404, "There is no such product");
    public static readonly ProblemKind StockBelowReserved =
        new("stock_below_reserved", 409, "On hand would fall below what is reserved");
    public static readonly ProblemKind StockAboveLimit = new("stock_above_limit", 409, "On hand would pass the limit");

    public static readonly ProblemKind InsufficientStock = new("insufficient_stock", 409, "Not enough stock is available");
    public static readonly ProblemKind TooManyReservations =
        new("too_many_reservations", 409, "The product has too many open reservations");
    public static readonly ProblemKind ReservationNotFound = new("reservation_not_found", 404, "There is no such reservation");
    public static readonly ProblemKind ReservationExpired = new("reservation_expired", 409, "The reservation has expired");
    public static readonly ProblemKind ReservationReleased =
        new("reservation_released", 409, "The reservation was released before it was made");
    public static readonly ProblemKind AlreadyCommitted = new("already_committed", 409, "The reservation is committed");
    public static readonly ProblemKind AlreadyReleased = new("already_released", 409, "The reservation is released");

    public static readonly ProblemKind OrderNotFound = new("order_not_found", 404, "There is no such order");
    public static readonly ProblemKind AlreadyCharged = new("already_charged", 409, "The order is charged");
    public static readonly ProblemKind NeedsAttention = new("needs_attention", 409, "The order is parked for an operator");
    public static readonly ProblemKind NotParked = new("not_parked", 409, "The order is not parked");
    public static readonly ProblemKind BeingUndone = new("being_undone", 409, "The order is being undone");
    public static readonly ProblemKind OrderEnded = new("order_ended", 409, "The order has ended");
    public static readonly ProblemKind NotCharged = new("not_charged", 409, "The order is not charged");

    public static readonly ProblemKind ProfileNotFound = new("profile_not_found", 404, "There is no such profile");
    public static readonly ProblemKind ProfileTooLarge = new("profile_too_large", 422, "The profile would be too large");

    public static readonly ProblemKind CounterOverflow = new("counter_overflow", 409, "The counter would leave its range");

    public static readonly ProblemKind VersionMismatch = new("version_mismatch", 412, "It has another version now");
    public static readonly ProblemKind PreconditionRequired = new("precondition_required", 428, "If-Match is required");
    public static readonly ProblemKind PreconditionUnsupported =
        new("precondition_unsupported", 400, "The condition cannot be checked here");

    public static readonly ProblemKind NotFound = new("not_found", 404, "There is nothing here");
    public static readonly ProblemKind MethodNotAllowed = new("method_not_allowed", 405, "The method is not allowed here");
    public static readonly ProblemKind UnsupportedMediaType = new("unsupported_media_type", 415, "The body has another media type");
    public static readonly ProblemKind PayloadTooLarge = new("payload_too_large", 413, "The body is too large");
    public static readonly ProblemKind RequestTimeout = new("request_timeout", 408, "The body arrived too slowly", Retryable: true);
    public static readonly ProblemKind BadRequest = new("bad_request", 400, "The request cannot be read");
    public static readonly ProblemKind UnknownHost = new("unknown_host", 400, "This server is not known under the name in Host");

    public static readonly ProblemKind Overloaded = new("overloaded", 503, "There is more work than can be queued", Retryable: true);
    public static readonly ProblemKind Unavailable = new("unavailable", 503, "No answer could be had", Retryable: true);
    public static readonly ProblemKind InternalError = new("internal_error", 500, "Something is broken on this side");

    /// <param name="detail">What is wrong with this request, and what to do about it.</param>
    public Problem With(string detail) => new(this, detail);
}
