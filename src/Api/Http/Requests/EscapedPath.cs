using System.Globalization;
using System.Text.Unicode;
using Holdfast.Api.Http.Problems;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Holdfast.Api.Http.Requests;

/// <summary>
/// Gives endpoints the names of a path as they were sent. The server decodes every escape but %2F, so that nobody can tell "A%2FB",
/// which names A/B, from "A%252FB", which names A%2FB, by what it hands on.
/// </summary>
internal static class EscapedPath
{
    public static Task Decode(HttpContext context, RequestDelegate next)
    {
        // Whatever was not decoded is still there, beside the percent signs that were.
        if (context.Request.Path.Value is not { } path || !path.Contains('%')) return next(context);
        if (TryDecode(context, out var wrong)) return next(context);
        return wrong is null
            ? ProblemKind.Malformed.With("The path has an escape that is not UTF-8.").ExecuteAsync(context)
            : Problem.Of(ProblemKind.Malformed, [RequestError.InParameter(wrong, ErrorCodes.NotUnicode, "has an escape that is not UTF-8")])
                .ExecuteAsync(context);
    }

    /// <param name="wrong">The parameter that cannot be decoded; null when it cannot be told which.</param>
    private static bool TryDecode(HttpContext context, out string? wrong)
    {
        wrong = null;
        if (context.GetEndpoint() is not RouteEndpoint { RoutePattern: var pattern }
            || pattern.PathSegments.Any(static segment => segment.Parts is not [RoutePatternLiteralPart or RoutePatternParameterPart { IsCatchAll: false }]))
        {
            return true;
        }

        var sent = Segments(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);

        // Dots, "." and "..", are resolved by then: what is where cannot be told from what was sent.
        if (sent.Length != pattern.PathSegments.Count) return false;
        for (var i = 0; i < sent.Length; i++)
        {
            if (pattern.PathSegments[i].Parts is not [RoutePatternParameterPart { Name: var name }]) continue;
            wrong = name;
            if (!TryUnescape(sent[i], out var value)) return false;
            context.Request.RouteValues[name] = value;
        }

        return true;
    }

    private static string[] Segments(string target)
    {
        if (CanonicalRequests.PathOfAbsolute(target) is { } path) return path.Trim('/').Split('/');
        var query = target.IndexOf('?', StringComparison.Ordinal);
        return (query < 0 ? target : target[..query]).Trim('/').Split('/');
    }

    private static bool TryUnescape(string sent, out string text)
    {
        text = "";
        var bytes = new byte[sent.Length];
        var count = 0;
        for (var i = 0; i < sent.Length; i++)
        {
            if (sent[i] is not '%')
            {
                if (!char.IsAscii(sent[i])) return false;
                bytes[count++] = (byte)sent[i];
                continue;
            }

            if (i + 2 >= sent.Length || !byte.TryParse(sent.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[count++]))
                return false;
            i += 2;
        }

        var characters = new char[count];
        if (Utf8.ToUtf16(bytes.AsSpan(0, count), characters, out _, out var written, replaceInvalidSequences: false) != System.Buffers.OperationStatus.Done)
            return false;
        text = new string(characters, 0, written);
        return true;
    }
}
