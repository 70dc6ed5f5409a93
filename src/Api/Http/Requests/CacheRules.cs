using Holdfast.Api.Http.OpenApi;

namespace Holdfast.Api.Http.Requests;

/// <summary>
/// Who may keep an answer (RFC 9111 §5.2.2): nobody, unless its endpoint says that it names no person and has an ETag to ask again with.
/// </summary>
internal static class CacheRules
{
    public const string NotKept = "private, no-store";

    private static readonly Checked Rule = new();

    /// <summary>The caller may keep the answer, and asks each time whether it still holds.</summary>
    public static TBuilder CallerMayKeep<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(Rule);

    public static Task Send(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata is { } metadata && metadata.GetMetadata<Refusals>() is not null)
            context.Response.Headers.CacheControl = metadata.GetMetadata<Checked>() is null ? NotKept : "private, no-cache";
        return next(context);
    }

    private sealed class Checked;
}
