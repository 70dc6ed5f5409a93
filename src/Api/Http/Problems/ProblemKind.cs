namespace Holdfast.Api.Http.Problems;

/// <summary>
/// A way in which the front door refuses, with a code that never changes. Here are those that any request can meet; the others lie
/// with their resources.
/// </summary>
/// <param name="Code">For programs.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Title">The same for every occurrence.</param>
/// <param name="Retryable">The very same request, with the same idempotency key, is safe to repeat and may succeed.</param>
public sealed record ProblemKind(string Code, int Status, string Title, bool Retryable = false)
{
    public static readonly ProblemKind Malformed = new("malformed", 400, "The request cannot be read");
    public static readonly ProblemKind OutOfBounds = new("out_of_bounds", 422, "The request is out of bounds");
    public static readonly ProblemKind IdempotencyKeyMissing = new("idempotency_key_missing", 400, "An Idempotency-Key is required");
    public static readonly ProblemKind IdempotencyKeyInvalid = new("idempotency_key_invalid", 400, "The Idempotency-Key is not usable");
    public static readonly ProblemKind IdempotencyKeyReused =
        new("idempotency_key_reused", 422, "The Idempotency-Key was used for another request");
    public static readonly ProblemKind IdempotencyInProgress =
        new("idempotency_in_progress", 409, "The first request with this Idempotency-Key is still running", Retryable: true);

    public static readonly ProblemKind VersionMismatch = new("version_mismatch", 412, "It has another version now")
    {
        Members = [ProblemMember.CurrentVersion],
    };

    public static readonly ProblemKind PreconditionRequired = new("precondition_required", 428, "If-Match is required")
    {
        Members = [ProblemMember.CurrentVersion],
    };

    public static readonly ProblemKind PreconditionUnsupported =
        new("precondition_unsupported", 400, "The condition cannot be checked here");

    public static readonly ProblemKind CursorInvalid = new("cursor_invalid", 400, "The cursor is of another list");
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

    /// <summary>What its problems can have besides the members of all.</summary>
    public IReadOnlyList<ProblemMember> Members { get; init; } = [];

    /// <param name="detail">What is wrong with this request, and what to do about it.</param>
    public Problem With(string detail) => new(this, detail);
}
