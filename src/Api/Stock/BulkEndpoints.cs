using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.Fences;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Problems;
using Holdfast.Contracts.Callers;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Api.Stock;

/// <summary>Many adjustments in one request. No more than that: each is decided by its product, with an operation of its own.</summary>
public sealed class BulkEndpoints : IResource
{
    /// <summary>A thousand items fit with all that they may say, each character as an escape.</summary>
    private const int BodyBytes = 4 * 1024 * 1024;

    public IJsonTypeInfoResolver Json => BulkJson.Default;

    public void Map(IEndpointRouteBuilder door) => door.MapPost(StockPaths.Bulk, Adjust)
        .WithTags("Stock").WithName("AdjustMany").Needs(Scopes.StockWrite)
        .WithSummary("Add to, take from, or count what is on hand of many products")
        .WithDescription("200 with a result for each item, in a body of at most 4 MB: one that is refused keeps no other from being made. "
            + "Each has a key of its own, made of the request's, its SKU and its place among those of the SKU: a repeat makes what was not "
            + "made, and answers for the others as at first. So each has its fence, too, if any: a header for all is refused.")
        .WithMetadata(new RequestSizeLimitAttribute(BodyBytes))
        .Takes(HeaderParameter.IdempotencyKey)
        .Refuses(ProblemKind.OutOfBounds);

    internal static async Task<Ok<BulkResponse>> Adjust(
        BulkRequest body,
        HttpContext context,
        IGrainFactory grains,
        GrainCalls calls,
        LeaseTokens tokens,
        ILogger<BulkRun> logger)
    {
        body.Check();
        _ = IdempotencyKey.Read(context);
        var results = await new BulkRun(context, grains, calls, tokens, logger).Adjust(body);
        IdempotencyKey.MarkReplayed(context, Array.TrueForAll(results, static result => result.Replayed));
        return TypedResults.Ok(new BulkResponse(results));
    }
}
