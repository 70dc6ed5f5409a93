using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Problems;
using Holdfast.Contracts.Inventory;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Api.Stock;

/// <summary>Many adjustments in one request. No more than that: each is decided by its product, with an operation of its own.</summary>
public sealed class BulkEndpoints : IResource
{
    /// <summary>A thousand items with reasons and references fit.</summary>
    private const int BodyBytes = 1024 * 1024;

    /// <summary>Products that one request asks at the same time.</summary>
    private const int Width = 64;

    public IJsonTypeInfoResolver Json => BulkJson.Default;

    public void Map(IEndpointRouteBuilder door) => door.MapPost(StockPaths.Bulk, Adjust).WithTags("Stock").WithName("AdjustMany")
        .WithSummary("Add to, take from, or count what is on hand of many products")
        .WithDescription("200 with a result for each item: one that is refused keeps no other from being made. Each has a key of its own, "
            + "made of the request's and its place: a repeat of the same request makes what was not made, and answers for the others as "
            + "at first.")
        .WithMetadata(new RequestSizeLimitAttribute(BodyBytes))
        .Takes(HeaderParameter.IdempotencyKey)
        .Refuses(ProblemKind.OutOfBounds);

    internal static async Task<Ok<BulkResponse>> Adjust(BulkRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        body.Check();
        _ = IdempotencyKey.Read(context);
        var results = new BulkResult[body.Items.Count];
        var products = body.Items.Select(static (item, index) => (Item: item, Index: index))
            .GroupBy(static item => item.Item.Sku, StringComparer.Ordinal);
        await Parallel.ForEachAsync(
            products,
            new ParallelOptions { MaxDegreeOfParallelism = Width, CancellationToken = context.RequestAborted },
            async (items, _) =>
            {
                foreach (var (item, index) in items) results[index] = await Result(item, index, context, grains, calls);
            });
        return TypedResults.Ok(new BulkResponse(results));
    }

    private static async ValueTask<BulkResult> Result(BulkItem item, int index, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        try
        {
            var product = grains.GetGrain<IProductInventory>(item.Sku);
            return item.Adjustment is { } delta
                ? await Adjusted(item.Sku, delta, index, product, context, calls)
                : await Counted(item.Sku, item.Count!, index, product, context, calls);
        }
        catch (RefusedRequestException refused)
        {
            return BulkResult.From(item.Sku, refused.Problem, replayed: false);
        }
    }

    private static async ValueTask<BulkResult> Adjusted(
        string sku, AdjustmentRequest delta, int index, IProductInventory product, HttpContext context, GrainCalls calls)
    {
        var operation = IdempotencyKey.ItemOperation(context, StockPaths.Bulk, index, delta.Fingerprint);
        var outcome = await calls.Send(
            product,
            operation.Id,
            new AdjustStock(operation, delta.Delta, delta.Reason, delta.Reference),
            static (grain, command) => grain.Adjust(command),
            context.RequestAborted);
        return BulkResult.From(sku, StockEndpoints.Answer(outcome, sku, delta), outcome.Replayed);
    }

    private static async ValueTask<BulkResult> Counted(
        string sku, StockRequest count, int index, IProductInventory product, HttpContext context, GrainCalls calls)
    {
        var operation = IdempotencyKey.ItemOperation(context, StockPaths.Bulk, index, count.Fingerprint);
        var outcome = await calls.Send(
            product,
            operation.Id,
            new SetStock(operation, count.OnHand, count.IfVersion, count.Reason, count.Reference),
            static (grain, command) => grain.SetOnHand(command),
            context.RequestAborted);
        return BulkResult.From(sku, StockEndpoints.Answer(outcome, sku), outcome.Replayed);
    }
}
