using System.Globalization;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Holdfast.Views.Lists;

namespace Holdfast.Api.Http.Lists;

/// <summary>
/// How far a list has to be before it is read: anywhere; past what the caller has seen (<c>Holdfast-At-Least</c>); or past everything that
/// is committed (<c>Cache-Control: no-cache</c>).
/// </summary>
internal static class ReadPoints
{
    public const string AtLeast = "Holdfast-At-Least";
    public const string AsOf = "Holdfast-As-Of";
    public const string Version = "Holdfast-Version";

    /// <summary>Pairs in one header.</summary>
    private const int MaxPairs = 16;

    private const int EpochLength = 32;

    /// <summary>What a change has brought a stream to, for a reader who has to see it: see <see cref="AtLeast"/>.</summary>
    /// <param name="kind">Of the owner, as its streams begin.</param>
    /// <param name="version">Of a published change.</param>
    public static void Send(HttpContext context, string kind, string key, long version) => context.Response.Headers[Version] =
        string.Create(CultureInfo.InvariantCulture, $"{kind}/{PathSegment.Escape(key)}@{version}");

    /// <summary>What the request asks for, without what its caller may not know of.</summary>
    /// <exception cref="RefusedRequestException">400: the header cannot be read.</exception>
    public static ReadPoint Of(HttpContext context)
    {
        var newest = Consistency.Of(context) == ReadConsistency.Strong;
        var parts = context.Request.Headers.GetCommaSeparatedValues(AtLeast);
        if (parts.Length == 0) return newest ? ReadPoint.Any with { Newest = true } : ReadPoint.Any;
        if (parts.Length > MaxPairs) throw Unreadable($"must have at most {MaxPairs} parts");
        var (caller, kinds) = (Caller.In(context), context.RequestServices.GetRequiredService<VersionScopes>());
        var versions = new List<SeenVersion>();
        AsOf? position = null;
        foreach (var part in parts)
        {
            if (TryPair(part, out var kind, out var pair))
            {
                if (kinds.Let(caller, kind)) versions.Add(pair);
            }
            else if (position is null && TryPosition(part) is { } read) position = read;
            else throw Unreadable($"must have values of {Version}, or one of {AsOf}, separated by commas");
        }

        return new(newest, versions, position);
    }

    private static bool TryPair(string part, out string kind, out SeenVersion pair)
    {
        (kind, pair) = ("", default);
        var at = part.LastIndexOf('@');
        var slash = part.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || at <= slash + 1 || !TryNumber(part[(at + 1)..], out var version)) return false;
        var key = Uri.UnescapeDataString(part[(slash + 1)..at]);
        if (!Names.IsName(key)) return false;
        kind = part[..slash];
        pair = new($"{kind}/{key}", version);
        return true;
    }

    private static AsOf? TryPosition(string part) =>
        part.Length > EpochLength + 1 && part[EpochLength] == '.' && part.AsSpan(0, EpochLength).IndexOfAnyExcept(Hex) < 0
            && TryNumber(part[(EpochLength + 1)..], out var number)
            ? new(part[..EpochLength], number)
            : null;

    private static System.Buffers.SearchValues<char> Hex { get; } = System.Buffers.SearchValues.Create("0123456789abcdef");

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= Limits.WholeNumber;

    private static RefusedRequestException Unreadable(string detail) =>
        Checks.Unreadable(RequestError.InHeader(AtLeast, ErrorCodes.Malformed, detail));
}
