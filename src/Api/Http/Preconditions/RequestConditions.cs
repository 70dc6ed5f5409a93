using System.Globalization;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Problems;
using Microsoft.Net.Http.Headers;

namespace Holdfast.Api.Http.Preconditions;

/// <summary>If-Match and If-None-Match (RFC 9110 §13) of one request: the versions on which it insists, and those that it rules out.</summary>
public readonly record struct RequestConditions(EntityTagList Match, EntityTagList NoneMatch)
{
    /// <summary>Rounds of reading the version and writing on that condition, when the owner's one comparison does not do.</summary>
    public const int Rounds = 8;

    public static readonly RequestConditions None;

    private static readonly string[] Names =
        [HeaderNames.IfMatch, HeaderNames.IfNoneMatch, HeaderNames.IfModifiedSince, HeaderNames.IfUnmodifiedSince];

    /// <summary>False: any version, or none, will do.</summary>
    public bool Given => Match.Given || NoneMatch.Given;

    /// <exception cref="RefusedRequestException">400: a header is malformed.</exception>
    public static RequestConditions Of(HttpContext context) => new(
        EntityTagList.Parse(context.Request.Headers.IfMatch, HeaderNames.IfMatch, weak: false),
        EntityTagList.Parse(context.Request.Headers.IfNoneMatch, HeaderNames.IfNoneMatch, weak: true));

    /// <summary>Refuses a request to an endpoint that has no entity tag to compare: a condition is never ignored.</summary>
    public static Task RefuseUnsupported(HttpContext context, RequestDelegate next)
    {
        var headers = context.Request.Headers;
        var none = headers.IfMatch.Count == 0 && headers.IfNoneMatch.Count == 0;
        if (none && headers.IfModifiedSince.Count == 0 && headers.IfUnmodifiedSince.Count == 0) return next(context);
        if (context.GetEndpoint()?.Metadata is not { } metadata || metadata.GetMetadata<Refusals>() is null) return next(context);
        foreach (var name in Names)
        {
            // RFC 9110 §13.1.3: it counts for nothing beside If-None-Match, which caches send together with it.
            if (name == HeaderNames.IfModifiedSince && headers.IfNoneMatch.Count > 0) continue;
            if (headers[name].Count == 0 || metadata.GetOrderedMetadata<HeaderParameter>().Any(header => header.Name == name)) continue;
            return Unsupported(name).ExecuteAsync(context);
        }

        return next(context);
    }

    /// <summary>Refuses any condition, where this answer of an endpoint that has entity tags has none.</summary>
    /// <exception cref="RefusedRequestException">400: there is one.</exception>
    public static void RefuseAny(HttpContext context)
    {
        foreach (var name in Names)
        {
            if (context.Request.Headers[name].Count > 0) throw new RefusedRequestException(Unsupported(name));
        }
    }

    private static Problem Unsupported(string header) => Problem.Of(
        ProblemKind.PreconditionUnsupported,
        [RequestError.InHeader(header, ErrorCodes.Unsupported, "is not looked at here")],
        "Send the request without it, or a condition on what has the ETag.");

    /// <summary>For a read that has found this version; true when the caller has it already.</summary>
    /// <exception cref="RefusedRequestException">412: If-Match rules it out.</exception>
    public static bool IsUnchanged(HttpContext context, long version)
    {
        if (context.Request.Headers.IfMatch.Count == 0 && context.Request.Headers.IfNoneMatch.Count == 0) return false;
        var (match, noneMatch) = Of(context);
        if (match.Given && !match.Names(version)) throw new RefusedRequestException(EntityTags.Mismatch(version));
        return noneMatch.Given && noneMatch.Names(version);
    }

    /// <summary>
    /// Writes under the preconditions. The owner compares with one version only, so for all else but "any" the current one is looked up and
    /// named; when somebody changes it in between, that is done again. The owner is asked in any case: it alone knows if the request is the
    /// repeat of one that has had its effect.
    /// </summary>
    /// <param name="current">Reads the version there is, or null.</param>
    /// <param name="write">Writes on this condition.</param>
    /// <param name="isMismatch">The write was refused because there is another version.</param>
    public ValueTask<TOutcome> Write<TOutcome>(
        Func<ValueTask<long?>> current, Func<WriteCondition, ValueTask<TOutcome>> write, Func<TOutcome, bool> isMismatch)
    {
        if (!Given) return write(default);
        if (NoneMatch.Given) return WriteOnCurrent(current, write, isMismatch);
        return Match switch
        {
            { Any: true } => WriteOnAny(current, write),
            { Versions: [var only] } => write(new(only, MustExist: true)),
            _ => WriteOnCurrent(current, write, isMismatch),
        };
    }

    /// <summary>Whatever it becomes meanwhile will do: nobody has to be the first of those who change it at the same time.</summary>
    private static async ValueTask<TOutcome> WriteOnAny<TOutcome>(
        Func<ValueTask<long?>> current, Func<WriteCondition, ValueTask<TOutcome>> write)
    {
        return await write(await current() is null ? WriteCondition.Never : new(null, MustExist: true));
    }

    private async ValueTask<TOutcome> WriteOnCurrent<TOutcome>(
        Func<ValueTask<long?>> current, Func<WriteCondition, ValueTask<TOutcome>> write, Func<TOutcome, bool> isMismatch)
    {
        for (var round = 1; ; round++)
        {
            var version = await current();
            if (!Hold(version)) return await write(WriteCondition.Never);
            var outcome = await write(new(version, MustExist: version is not null));
            if (round == Rounds || !isMismatch(outcome)) return outcome;
        }
    }

    private bool Hold(long? version) =>
        (!Match.Given || (version is { } there && Match.Names(there))) && !(NoneMatch.Given && version is { } known && NoneMatch.Names(known));
}

/// <summary>What an owner is to compare with before it writes. <c>default</c>: the request names no version at all.</summary>
/// <param name="Version">The only version that will do; null for any, or none.</param>
/// <param name="MustExist">There has to be something to write over.</param>
public readonly record struct WriteCondition(long? Version, bool MustExist)
{
    /// <summary>Nothing has this version, so the owner refuses, unless it has done the same operation before.</summary>
    public static readonly WriteCondition Never = new(-1, MustExist: true);
}

/// <summary>One header's entity tags.</summary>
/// <param name="Given">The header was sent.</param>
/// <param name="Any">It is *.</param>
/// <param name="Versions">The tags that can be versions of ours.</param>
public readonly record struct EntityTagList(bool Given, bool Any, long[] Versions)
{
    /// <param name="weak">If-None-Match compares weakly; for If-Match a weak tag never matches.</param>
    /// <exception cref="RefusedRequestException">400: the header is malformed.</exception>
    public static EntityTagList Parse(Microsoft.Extensions.Primitives.StringValues header, string name, bool weak)
    {
        if (header.Count == 0) return default;
        var tags = EntityTags.Parse(header, name);
        return EntityTags.IsAny(tags[0])
            ? new(true, true, [])
            : new(true, false, [.. tags.Where(tag => weak || !tag.IsWeak).Select(Version).OfType<long>()]);
    }

    public bool Names(long version) => Any || Versions.Contains(version);

    private static long? Version(EntityTagHeaderValue tag) =>
        long.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
        && EntityTags.Of(version) == tag.Tag
            ? version
            : null;
}
