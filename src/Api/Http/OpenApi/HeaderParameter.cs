using Holdfast.Api.Http.Problems;

namespace Holdfast.Api.Http.OpenApi;

/// <summary>A header that an endpoint looks at, for the OpenAPI document.</summary>
public sealed record HeaderParameter(string Name, bool Required, string Description, string Example)
{
    public static readonly HeaderParameter IdempotencyKey = new(
        Idempotency.IdempotencyKey.Header,
        true,
        "Your own name for this request, 1 to 255 printable ASCII characters. Repeat the request with the same key as often as you like: "
        + "it takes effect once, and every repeat gets the first answer with Idempotent-Replayed: true.",
        "0b7f6a52-1c1e-4a37-9d0c-1f6d2f1f8a10");

    public static readonly HeaderParameter OptionalIdempotencyKey = IdempotencyKey with
    {
        Required = false,
        Description = "Your own name for this request, 1 to 255 printable ASCII characters. With one, a repeat of what took effect "
            + "is answered with its success, as the resource is now and with Idempotent-Replayed: true, whatever its conditions.",
    };

    public static readonly HeaderParameter IfMatch = new(
        "If-Match", false, "Write only when the ETag is one of these; * means any.", "\"3\"");

    public static readonly HeaderParameter IfMatchToReplace = IfMatch with
    {
        Description = "Write only when the ETag is one of these; * means any. Required where something else is there already.",
    };

    public static readonly HeaderParameter IfMatchOnRead = IfMatch with { Description = "Answer 412 unless the ETag is one of these." };

    public static readonly HeaderParameter IfNoneMatch = new(
        "If-None-Match", false, "Answer 304 without a body when the ETag is one of these.", "\"3\"");

    public static readonly HeaderParameter IfNoneMatchOnWrite = new(
        "If-None-Match", false, "Write only when the ETag is none of these; * means only when there is nothing yet.", "*");

    public static readonly HeaderParameter Fence = new(
        Fences.FenceHeader.Name,
        false,
        "The lease under which the request is made: name=TOKEN, the name escaped as in a path. Refused when a later holder of the lease "
        + "has been here. A repeat of what was accepted is answered as at first, under whichever term it comes, if it has an "
        + "Idempotency-Key.",
        "nightly-import=hfl_7_0b7f6a521c1e4a379d0c1f6d2f1f8a10");

    public static readonly HeaderParameter AtLeast = new(
        "Holdfast-At-Least",
        false,
        "What the list has to have seen: values of Holdfast-Version, or one of Holdfast-As-Of, at most 16, separated by commas. It is "
        + "waited for up to 2 seconds.",
        "order/ord_0b7f6a521c1e4a379d0c1f6d2f1f8a10@4");

    public static readonly HeaderParameter CacheControlOnList = new(
        "Cache-Control",
        false,
        "no-cache: answer only when the list has seen everything that was acknowledged before the request came. It is waited for up to 2 "
        + "seconds.",
        "no-cache");

    public static readonly HeaderParameter CacheControl = new(
        "Cache-Control",
        false,
        "no-cache: answer only after the journal has confirmed that it holds nothing newer. Without it a read sees every change that was "
        + "acknowledged before, unless the server is just being replaced because it was paused or cut off.",
        "no-cache");
}

/// <summary>The ways in which an endpoint refuses, for the OpenAPI document.</summary>
internal sealed record Refusals(IReadOnlyList<ProblemKind> Kinds);

/// <summary>What a tag of the OpenAPI document is about.</summary>
internal sealed record TagDescription(string Name, string Description);

internal static class EndpointDescriptions
{
    /// <summary>The operations of one subject, which the document says in a sentence.</summary>
    public static TBuilder WithTag<TBuilder>(this TBuilder endpoint, string name, string description)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithTags(name).WithMetadata(new TagDescription(name, description));

    /// <summary>On every answer that is no refusal.</summary>
    public static TBuilder Sends<TBuilder>(this TBuilder endpoint, params ResponseHeader[] headers)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata([.. headers]);

    public static TBuilder Takes<TBuilder>(this TBuilder endpoint, params HeaderParameter[] headers)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata([.. headers]);

    public static TBuilder Refuses<TBuilder>(this TBuilder endpoint, params ProblemKind[] kinds)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new Refusals(kinds));
}
