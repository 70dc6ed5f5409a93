using Holdfast.Api.Http.Problems;
using Holdfast.Contracts;

namespace Holdfast.Api.Http.Requests;

/// <summary>Which part of a list is asked for.</summary>
internal readonly record struct Paging(long After, int Limit)
{
    public const int DefaultLimit = 50;

    /// <exception cref="RefusedRequestException">422: out of bounds.</exception>
    public static Paging Of(long? after, int? limit)
    {
        var checks = new Checks();
        checks.Require(after is null or >= 0, RequestError.InParameter("after", ErrorCodes.OutOfRange, "must not be negative"));
        checks.Require(
            limit is null or (>= 1 and <= Limits.PageSize),
            RequestError.InParameter("limit", ErrorCodes.OutOfRange, $"must be 1 to {Limits.PageSize}"));
        checks.Refuse();
        return new Paging(after ?? 0, limit ?? DefaultLimit);
    }
}
