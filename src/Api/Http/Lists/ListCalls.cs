using System.Globalization;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Views.Lists;

namespace Holdfast.Api.Http.Lists;

/// <summary>Reads pages of lists for HTTP.</summary>
internal static class ListCalls
{
    public static readonly ProblemKind Behind = new("view_behind", 503, "The list is behind what was asked for", Retryable: true);

    /// <summary>Reads the page that the request asks for, at the point that it asks for, and says as of when it is.</summary>
    /// <param name="list">The list's path with the filter, in one spelling.</param>
    /// <param name="placeOf">Reads a place of this list; null for anything else: anybody can make up a cursor.</param>
    /// <returns>The items, and the cursor of the next page; null at the end.</returns>
    /// <exception cref="RefusedRequestException">400: Holdfast-At-Least or the cursor cannot be read. 422: out of bounds. 503: the list
    /// is behind, or cannot be read.</exception>
    public static async Task<(IReadOnlyList<T> Items, string? Next)> Read<T>(
        HttpContext context,
        string list,
        Func<string, ListPlace?> placeOf,
        (string? Cursor, int? Limit, string? Order) asked,
        Func<ListPlace?, Paging, ReadPoint, Task<ListPage<T>>> read)
    {
        var paging = Paging.Of(context, list, place => Open(place, placeOf) is not null, asked.Cursor, asked.Limit, asked.Order);
        var begin = paging.Place is null ? null : Open(paging.Place, placeOf);
        var page = await ReadAt(context, point => read(begin?.After, paging, point));

        // A store that was restored from a copy has another history: a place in the one before is none in this.
        if (begin is { } told && told.Epoch != page.AsOf.Epoch) throw Paging.Foreign();
        return (page.Items, paging.Next(page.Next is { } next ? $"{page.AsOf.Epoch}.{next}" : null));
    }

    /// <summary>What a cursor says: the epoch in which it was given, and the place; null when it says anything else.</summary>
    private static (string Epoch, ListPlace After)? Open(string cursor, Func<string, ListPlace?> placeOf) =>
        cursor.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && placeOf(cursor[(dot + 1)..]) is { } place
            ? (cursor[..dot], place)
            : null;

    private static async Task<ListPage<T>> ReadAt<T>(HttpContext context, Func<ReadPoint, Task<ListPage<T>>> read)
    {
        var point = ReadPoints.Of(context);
        var page = await Answered(() => read(point), "; without Holdfast-At-Least and no-cache it is answered as of now");
        context.Response.Headers[ReadPoints.AsOf] = string.Create(CultureInfo.InvariantCulture, $"{page.AsOf.Epoch}.{page.AsOf.Number}");
        return page;
    }

    /// <summary>Reads what is made of the feed.</summary>
    /// <param name="otherwise">What else whoever will not wait can do.</param>
    /// <exception cref="RefusedRequestException">503: it is behind, or cannot be read.</exception>
    public static async Task<T> Answered<T>(Func<Task<T>> read, string otherwise = "")
    {
        try
        {
            return await read();
        }
        catch (ViewBehindException behind)
        {
            throw new RefusedRequestException(Behind.With($"{behind.Message} Repeat the request{otherwise}."));
        }
        catch (ViewUnavailableException)
        {
            throw new RefusedRequestException(ProblemKind.Unavailable.With("The lists cannot be read now; repeat the request."));
        }
    }

    /// <summary>A name in a query: a SKU, a customer.</summary>
    /// <exception cref="RefusedRequestException">422: there can be none like it.</exception>
    public static string? Name(string? text, string parameter)
    {
        var checks = new Checks();
        checks.Require(text is null || Names.IsName(text), RequestError.InParameter(parameter, ErrorCodes.InvalidName, Names.Rule));
        checks.Refuse();
        return text;
    }

    /// <summary>A text of one line in a query.</summary>
    /// <exception cref="RefusedRequestException">422: it is none, or too long.</exception>
    public static string? Text(string? text, string parameter, int limit)
    {
        var checks = new Checks();
        checks.Require(
            text is null || (text.Length > 0 && text.Length <= limit && Checks.IsOneLine(text)),
            RequestError.InParameter(parameter, ErrorCodes.InvalidText, $"must have 1 to {limit} characters, and no control characters"));
        checks.Refuse();
        return text;
    }

    /// <summary>A value of an enum in a query, as bodies write it.</summary>
    /// <exception cref="RefusedRequestException">422: there is none of this name.</exception>
    public static T? Choice<T>(string? text, string parameter)
        where T : struct, Enum
    {
        if (text is null) return null;
        var names = Array.ConvertAll(Enum.GetValues<T>(), static value => StrictJson.Text(value));
        return Enum.GetValues<T>()[Array.IndexOf(names, OneOf(text, parameter, names))];
    }

    /// <summary>One of some texts in a query.</summary>
    /// <exception cref="RefusedRequestException">422: it is none of them.</exception>
    public static string? OneOf(string? text, string parameter, IReadOnlyList<string> known)
    {
        var checks = new Checks();
        checks.Require(
            text is null || known.Contains(text),
            RequestError.InParameter(parameter, ErrorCodes.OutOfRange, $"must be one of {string.Join(", ", known)}"));
        checks.Refuse();
        return text;
    }

    /// <summary>What a filter says, in one spelling: a cursor belongs to it.</summary>
    public static string Canonical(params ReadOnlySpan<(string Name, object? Value)> filter)
    {
        var text = new System.Text.StringBuilder();
        foreach (var (name, value) in filter)
        {
            var said = value is DateTimeOffset at ? at.UtcTicks : value;
            if (said is not null) text.Append('\n').Append(name).Append('=').Append(Convert.ToString(said, CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }
}
