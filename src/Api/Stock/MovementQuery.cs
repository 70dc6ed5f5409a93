using System.Globalization;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Api.Stock;

/// <summary>Which movements a list asks for.</summary>
internal static class MovementQuery
{
    /// <param name="from">Included.</param>
    /// <param name="to">Not included.</param>
    /// <exception cref="RefusedRequestException">400: a time that is none. 422: out of bounds.</exception>
    public static MovementFilter Read(string? kind, string? from, string? to)
    {
        var (since, until) = Timestamps.RangeInQuery((from, "from"), (to, "to"));
        var checks = new Checks();
        checks.Require(
            kind is null || MovementKind.All.Contains(kind),
            RequestError.InParameter("kind", ErrorCodes.OutOfRange, $"must be one of {string.Join(", ", MovementKind.All)}"));
        checks.Refuse();
        return new(kind, since, until);
    }

    /// <summary>The list's path with the filter, in one spelling.</summary>
    public static string List(string path, MovementFilter filter) => filter == MovementFilter.None ? path : string.Create(
        CultureInfo.InvariantCulture, $"{path}?kind={filter.Kind}&from={filter.From?.UtcTicks}&to={filter.To?.UtcTicks}");
}
