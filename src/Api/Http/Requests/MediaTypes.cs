using Holdfast.Api.Http.Problems;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace Holdfast.Api.Http.Requests;

/// <summary>Which bodies an endpoint takes: JSON under the name that it gives to it, in UTF-8 and nothing else.</summary>
internal static class MediaTypes
{
    public const string Json = "application/json";
    public const string MergePatch = "application/merge-patch+json";

    private const string Identity = "identity";

    public const string AcceptPatch = "Accept-Patch";

    public static Task Check(HttpContext context, RequestDelegate next)
    {
        var sent = context.Request.Headers.ContentType;
        if (context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is not { } accepts || !Matters(context, sent.Count)) return next(context);
        var encoding = context.Request.Headers.ContentEncoding;
        if (encoding.Count > 0 && !Identity.Equals(encoding, StringComparison.OrdinalIgnoreCase))
            return Refusal(context, "Send the body as it is, without the header Content-Encoding.").ExecuteAsync(context);
        if (Taken(sent, accepts.ContentTypes) is not { } mediaType) return Refusal(context).ExecuteAsync(context);

        // The framework takes no charset in quotes, although a header may have it so.
        if (sent[0]!.Length != mediaType.Length) context.Request.ContentType = mediaType;
        return next(context);
    }

    /// <summary>415, with what would do.</summary>
    public static Problem Refusal(HttpContext context)
    {
        var (what, type) = HttpMethods.IsPatch(context.Request.Method) ? ("a JSON merge patch (RFC 7396)", MergePatch) : ("JSON", Json);
        return Refusal(context, $"Send {what} in UTF-8, with the header Content-Type: {type}.");
    }

    private static Problem Refusal(HttpContext context, string what)
    {
        if (HttpMethods.IsPatch(context.Request.Method)) context.Response.Headers[AcceptPatch] = MergePatch;
        return ProblemKind.UnsupportedMediaType.With(what);
    }

    /// <summary>What has no body needs no type.</summary>
    private static bool Matters(HttpContext context, int types) =>
        types > 0 || context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0;

    private static string? Taken(Microsoft.Extensions.Primitives.StringValues sent, IReadOnlyList<string> taken)
    {
        if (sent.Count != 1) return null;
        if (taken.Contains(sent[0])) return sent[0];
        if (!MediaTypeHeaderValue.TryParse(sent[0], out var parsed)) return null;
        foreach (var parameter in parsed.Parameters)
        {
            if (!parameter.Name.Equals("charset", StringComparison.OrdinalIgnoreCase)) continue;
            if (!HeaderUtilities.RemoveQuotes(parameter.Value).Equals("utf-8", StringComparison.OrdinalIgnoreCase)) return null;
        }

        return taken.FirstOrDefault(type => parsed.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase));
    }
}
