using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Lists;
using Holdfast.Api.Http.Requests;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Holdfast.Api.Http.OpenApi;

/// <summary>A header that answers have, for the OpenAPI document.</summary>
/// <param name="Always">No answer that can have it is without it.</param>
public sealed record ResponseHeader(string Name, bool Always, string Description, string Example)
{
    public static readonly ResponseHeader ETag = new(
        HeaderNames.ETag, true, "Another one whenever the answer is another one; to be named in If-Match and If-None-Match.", "\"3\"");

    /// <summary>On what changes something that lists show.</summary>
    public static readonly ResponseHeader Version = new(
        ReadPoints.Version,
        true,
        "What the change has brought its owner to. Send it in Holdfast-At-Least, and a list has seen the change.",
        "order/ord_884dd908e8d28982a84679acba457c49@4");

    /// <summary>On every page of a list that is made of a view.</summary>
    public static readonly ResponseHeader AsOf = new(
        ReadPoints.AsOf,
        true,
        "Up to where the list has seen everything. Send it in Holdfast-At-Least, and another list has seen as much.",
        "5f1c3a9e2b7d4c60a1e8f09b3d5c7e21.4711");

    /// <summary>The same, of an answer that a parameter can make one of another kind, which has none.</summary>
    public static readonly ResponseHeader ETagUnlessExpanded = ETag with { Always = false };

    private static readonly ResponseHeader RequestId = new(
        RequestIds.Header,
        true,
        "The id of this request, which is also that of its trace: name it when you ask somebody about the request.",
        "0af7651916cd43dd8448eb211c80319c");

    private static readonly ResponseHeader CacheControl = new(
        HeaderNames.CacheControl,
        true,
        "Who may keep the answer; nobody, where it can name a person or change at any time.",
        CacheRules.NotKept);

    private static readonly ResponseHeader Location = new(
        HeaderNames.Location, true, "The path of what was made.", "/v1/orders/ord_884dd908e8d28982a84679acba457c49");

    private static readonly ResponseHeader Replayed = new(
        IdempotencyKey.ReplayedHeader, false, "true: an earlier request with the same key had the effect, and this one had none.", "true");

    private static readonly ResponseHeader RetryAfter = new(
        HeaderNames.RetryAfter, false, "Seconds after which to repeat the request, with the same key.", "1");

    private static readonly ResponseHeader Challenge = new(
        HeaderNames.WWWAuthenticate,
        false,
        "How to say who sends a request (RFC 6750); where a scope is missing, which.",
        "Bearer error=\"insufficient_scope\", scope=\"orders:read\"");

    private static readonly ResponseHeader AcceptPatch = new(
        MediaTypes.AcceptPatch, true, "The media type of a patch (RFC 5789).", MediaTypes.MergePatch);

    /// <summary>Those of an answer with this status.</summary>
    /// <param name="sent">What the endpoint says of itself: they are on what it answers when it does not refuse.</param>
    public static IEnumerable<ResponseHeader> Of(int status, string method, IEnumerable<ResponseHeader> sent, HeaderParameter? key)
    {
        yield return RequestId;
        yield return CacheControl;
        if (status < StatusCodes.Status400BadRequest)
        {
            foreach (var header in sent) yield return header;
            if (status is StatusCodes.Status201Created or StatusCodes.Status202Accepted) yield return Location;
            if (key is not null) yield return Replayed;
        }

        if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable
            || (status == StatusCodes.Status409Conflict && key is { Required: true }))
            yield return RetryAfter;
        if (status is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden) yield return Challenge;
        if (status == StatusCodes.Status415UnsupportedMediaType && HttpMethods.IsPatch(method)) yield return AcceptPatch;
    }

    /// <summary>Told once in the document, and named by each answer that has it.</summary>
    internal IOpenApiHeader In(Microsoft.OpenApi.OpenApiDocument document)
    {
        var name = Always || Name != ETag.Name ? Name : $"{Name}UnlessExpanded";
        document.AddComponent(name, new OpenApiHeader
        {
            Description = Description,
            Required = Always,
            Example = Example,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });
        return new OpenApiHeaderReference(name, document);
    }
}
