using System.Globalization;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Holdfast.Api.Http.Preconditions;

/// <summary>Versions as strong entity tags, as RFC 9110 §8.8.3 writes them.</summary>
public static class EntityTags
{
    public static string Of(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    public static void Send(HttpContext context, long version) => context.Response.Headers.ETag = Of(version);

    /// <summary>412, with the version that there is, if any.</summary>
    public static Problem Mismatch(long? current) =>
        ProblemKind.VersionMismatch.With("Read it again, decide again, and send the new ETag in If-Match.")
            .And(ProblemMember.CurrentVersion, current);

    /// <summary>428: something else is there, and the request names no version of it.</summary>
    public static Problem Required(long? current) =>
        ProblemKind.PreconditionRequired.With("Something else is there: read it, decide again, and send its ETag in If-Match.")
            .And(ProblemMember.CurrentVersion, current);

    internal static IList<EntityTagHeaderValue> Parse(StringValues header, string name) =>
        EntityTagHeaderValue.TryParseStrictList([.. header.Select(value => value ?? "")], out var tags) && (tags.Count == 1 || !tags.Any(IsAny))
            ? tags
            : throw Checks.Unreadable(RequestError.InHeader(name, ErrorCodes.Malformed, "must be * or a list of quoted entity tags"));

    internal static bool IsAny(EntityTagHeaderValue tag) => tag == EntityTagHeaderValue.Any;
}
