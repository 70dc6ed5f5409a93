using Microsoft.AspNetCore.Http.Features;

namespace Holdfast.Api.Http;

/// <summary>Refuses paths with an escape that the server could not decode: %2F, and bytes that are not UTF-8.</summary>
/// <remarks>The server leaves such an escape as it is, so that "A%2FB" and "A%252FB" would name the same product.</remarks>
internal static class UndecodedPath
{
    public static Task Refuse(HttpContext context, RequestDelegate next)
    {
        var path = context.Request.Path.Value;
        if (path is null || !path.Contains('%')) return next(context);

        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var raw = query < 0 ? target.AsSpan() : target.AsSpan(0, query);
        if (path.AsSpan().Count('%') == raw.Count("%25")) return next(context);

        return new Problem(ProblemKind.Malformed, "The path has an escape that is not UTF-8, or %2F: names must not contain a slash.")
        {
            Errors = new Dictionary<string, string[]> { ["path"] = ["has an escape that cannot be decoded"] },
        }.ExecuteAsync(context);
    }
}
