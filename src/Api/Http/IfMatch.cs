using System.Globalization;
using Microsoft.Net.Http.Headers;

namespace Holdfast.Api.Http;

/// <summary>The versions on which a write insists.</summary>
/// <param name="Given">False: any version, or none, will do.</param>
/// <param name="Any">Whatever version there is.</param>
/// <param name="Versions">The strong tags that can be versions of ours; a weak tag never matches.</param>
public readonly record struct IfMatch(bool Given, bool Any, long[] Versions)
{
    /// <summary>Rounds of reading the version and writing on that condition, when the header names several versions or *.</summary>
    public const int Rounds = 8;

    public static readonly IfMatch None = new(false, false, []);

    /// <exception cref="RefusedRequestException">400: the header is malformed.</exception>
    public static IfMatch Of(HttpContext context)
    {
        var header = context.Request.Headers.IfMatch;
        if (header.Count == 0) return None;
        var tags = EntityTags.Parse(header, HeaderNames.IfMatch);
        return EntityTags.IsAny(tags[0])
            ? new IfMatch(true, true, [])
            : new IfMatch(true, false, [.. tags.Where(tag => !tag.IsWeak).Select(Version).OfType<long>()]);
    }

    /// <summary>
    /// Writes under the precondition. The owner compares with one version only, so for several, or *, the current one is looked
    /// up and named; when somebody changes it in between, that is done again.
    /// </summary>
    /// <param name="current">Reads the version there is, or null.</param>
    /// <param name="write">Writes if the version is this one; null writes unconditionally.</param>
    /// <param name="isMismatch">The write was refused because there is another version.</param>
    /// <exception cref="RefusedRequestException">412: no version that there is will do.</exception>
    public async ValueTask<TOutcome> Write<TOutcome>(
        Func<ValueTask<long?>> current, Func<long?, ValueTask<TOutcome>> write, Func<TOutcome, bool> isMismatch)
    {
        if (!Given) return await write(null);
        if (!Any && Versions.Length == 1) return await write(Versions[0]);

        for (var round = 1; ; round++)
        {
            var version = await current();
            if (version is null || !(Any || Versions.Contains(version.Value))) throw new RefusedRequestException(EntityTags.Mismatch(version));
            var outcome = await write(version);
            if (round == Rounds || !isMismatch(outcome)) return outcome;
        }
    }

    private static long? Version(EntityTagHeaderValue tag) =>
        long.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
        && EntityTags.Of(version) == tag.Tag
            ? version
            : null;
}
