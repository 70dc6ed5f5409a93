using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Problems;
using Holdfast.Contracts;

namespace Holdfast.Api.Http.Requests;

/// <summary>
/// Which part of a list is asked for. Where the next part begins is told in a cursor: a text that means nothing to its reader, and
/// belongs to the one list, filter, order and caller that it was made for.
/// </summary>
internal sealed class Paging
{
    public const int DefaultLimit = 50;

    public const string Ascending = "asc";
    public const string Descending = "desc";

    /// <summary>Of what a cursor is made of; another release may make it of something else.</summary>
    private const byte Format = 1;

    /// <summary>Bytes in front of the place: the format, and what the cursor belongs to.</summary>
    private const int HeadBytes = 1 + OwnerBytes;

    private const int OwnerBytes = 8;

    private readonly byte[] _owner;

    private Paging(byte[] owner, string? place, int limit, bool oldestFirst) =>
        (_owner, Place, Limit, OldestFirst) = (owner, place, limit, oldestFirst);

    /// <summary>Behind what the part begins, in the words of whoever made the cursor; null for the first part.</summary>
    public string? Place { get; }

    public int Limit { get; }

    public bool OldestFirst { get; }

    /// <summary>The place as a number; 0 for the first part.</summary>
    public long Number => Place is null ? 0 : long.Parse(Place, CultureInfo.InvariantCulture);

    /// <param name="list">The list's path with the filter, in one spelling.</param>
    /// <param name="isPlace">What the list's cursors say: anybody can make one up.</param>
    /// <param name="order"><c>asc</c> or <c>desc</c>; newest first when it is left out.</param>
    /// <exception cref="RefusedRequestException">400: a cursor of something else. 422: out of bounds.</exception>
    public static Paging Of(
        HttpContext context, string list, Predicate<string> isPlace, string? cursor, int? limit, string? order = null)
    {
        var checks = new Checks();
        checks.Require(
            limit is null or (>= 1 and <= Limits.PageSize),
            RequestError.InParameter("limit", ErrorCodes.OutOfRange, $"must be 1 to {Limits.PageSize}"));
        checks.Require(
            order is null or Ascending or Descending,
            RequestError.InParameter("order", ErrorCodes.OutOfRange, $"must be {Ascending} or {Descending}"));
        checks.Refuse();

        var owner = SHA256.HashData(Encoding.UTF8.GetBytes($"{Caller.Of(context)}\n{list}\n{order ?? Descending}"))[..OwnerBytes];
        var place = cursor is null ? null : Read(cursor, owner);
        if (cursor is not null && (place is null || !isPlace(place))) throw Foreign();
        return new Paging(owner, place, limit ?? DefaultLimit, order == Ascending);
    }

    /// <summary>The cursor is one of something else.</summary>
    public static RefusedRequestException Foreign() => new(ProblemKind.CursorInvalid.With(
        "A cursor goes with the list, the filter, the order and the caller that it was given to, until the store is restored from a copy. "
        + "Begin without one."));

    /// <summary>Places that are numbers.</summary>
    public static bool IsNumber(string place) => long.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    /// <summary>The cursor of the part behind this place; null when there is none.</summary>
    public string? Next(string? place)
    {
        if (place is null) return null;
        var bytes = new byte[HeadBytes + Encoding.UTF8.GetByteCount(place)];
        bytes[0] = Format;
        _owner.CopyTo(bytes, 1);
        Encoding.UTF8.GetBytes(place, bytes.AsSpan(HeadBytes));
        return Base64Url.EncodeToString(bytes);
    }

    /// <inheritdoc cref="Next(string?)" />
    public string? Next(long? place) => Next(place?.ToString(CultureInfo.InvariantCulture));

    private static string? Read(string cursor, byte[] owner)
    {
        if (!Base64Url.IsValid(cursor)) return null;
        var bytes = Base64Url.DecodeFromChars(cursor);
        return bytes.Length > HeadBytes && bytes[0] == Format && bytes.AsSpan(1, OwnerBytes).SequenceEqual(owner)
            ? Encoding.UTF8.GetString(bytes.AsSpan(HeadBytes))
            : null;
    }
}
