using System.Globalization;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Holdfast.Api.Http;

/// <summary>Versions as strong entity tags, and the preconditions of RFC 9110 §13 on them.</summary>
public static class EntityTags
{
    public static string Of(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    public static void Send(HttpContext context, long version) => context.Response.Headers.ETag = Of(version);

    /// <summary>The caller has this version already: If-None-Match on a read compares weakly.</summary>
    public static bool IsUnchanged(HttpContext context, long version)
    {
        var header = context.Request.Headers.IfNoneMatch;
        if (header.Count == 0) return false;
        var current = new EntityTagHeaderValue(Of(version));
        return Parse(header, HeaderNames.IfNoneMatch).Any(tag => IsAny(tag) || tag.Compare(current, useStrongComparison: false));
    }

    /// <summary>If-None-Match on a write: true when the resource must not exist.</summary>
    /// <exception cref="RefusedRequestException">400: it names versions, which a write does not take.</exception>
    public static bool IfAbsent(HttpContext context)
    {
        var header = context.Request.Headers.IfNoneMatch;
        if (header.Count == 0) return false;
        if (Parse(header, HeaderNames.IfNoneMatch) is [var only] && IsAny(only)) return true;
        throw Malformed(HeaderNames.IfNoneMatch, "takes only * on a write; use If-Match to name a version");
    }

    /// <summary>412, with the version that there is, if any.</summary>
    public static Problem Mismatch(long? current) =>
        new(ProblemKind.VersionMismatch, "Read it again, decide again, and send the new ETag in If-Match.") { CurrentVersion = current };

    internal static IList<EntityTagHeaderValue> Parse(StringValues header, string name) =>
        EntityTagHeaderValue.TryParseStrictList([.. header.Select(value => value ?? "")], out var tags) && (tags.Count == 1 || !tags.Any(IsAny))
            ? tags
            : throw Malformed(name, "must be * or a list of quoted entity tags");

    internal static bool IsAny(EntityTagHeaderValue tag) => tag == EntityTagHeaderValue.Any;

    private static RefusedRequestException Malformed(string header, string message) => new(new Problem(ProblemKind.Malformed, $"{header} {message}.")
    {
        Errors = new Dictionary<string, string[]> { [header] = [message] },
    });
}
