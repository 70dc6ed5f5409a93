using System.Globalization;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.Fences;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Api.Stock;

/// <summary>One request of many adjustments: the products are asked side by side, each for its items in their order.</summary>
internal sealed partial class BulkRun(
    HttpContext context, IGrainFactory grains, GrainCalls calls, LeaseTokens tokens, ILogger<BulkRun> logger)
{
    /// <summary>Products that one request asks at the same time.</summary>
    private const int Width = 64;

    private const string NotReached =
        "This request did not come to it: an item of the same product in front of it has no answer. Repeat it, with the same key.";

    /// <returns>What became of each, in their order.</returns>
    public async Task<BulkResult[]> Adjust(BulkRequest body)
    {
        var results = new BulkResult[body.Items.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Width, CancellationToken = context.RequestAborted };
        await Parallel.ForEachAsync(body.ByProduct(), options, async (ofOne, _) => await AdjustProduct([.. ofOne], results));
        return results;
    }

    /// <summary>Behind an item without an answer none is made, or its repeat would come after them.</summary>
    private async ValueTask AdjustProduct((BulkItem Item, int Index)[] items, BulkResult[] results)
    {
        for (var place = 0; place < items.Length; place++)
        {
            var (item, index) = items[place];
            var before = place > 0 ? results[items[place - 1].Index].Problem : null;
            results[index] = before is { Retryable: true } or { Status: >= 500 }
                ? BulkResult.From(item.Sku, ProblemKind.Unavailable.With(NotReached), replayed: false)
                : await Result(item, place.ToString(CultureInfo.InvariantCulture));
            if (results[index].Problem is { } problem) problem.TraceId = RequestIds.Of(context);
        }
    }

    private async ValueTask<BulkResult> Result(BulkItem item, string place)
    {
        var product = grains.GetGrain<IProductInventory>(item.Sku);
        try
        {
            var fence = await FenceHeader.Verify(item.Fence, tokens);
            return item.Adjustment is { } delta
                ? await Adjust(item.Sku, delta, place, fence, product)
                : await Count(item.Sku, item.Count!, place, fence, product);
        }
        catch (FencedException refusal)
        {
            return BulkResult.From(item.Sku, FenceProblems.Of(refusal), replayed: false);
        }
        catch (RefusedRequestException refused)
        {
            return BulkResult.From(item.Sku, refused.Problem, replayed: false);
        }
        catch (Exception broken) when (!context.RequestAborted.IsCancellationRequested)
        {
            // Those of the other products are made all the same.
            LogBroken(broken, item.Sku, RequestIds.Of(context));
            return BulkResult.From(item.Sku, ProblemAnswers.Broken, replayed: false);
        }
    }

    private async ValueTask<BulkResult> Adjust(
        string sku, AdjustmentRequest delta, string place, Fence? fence, IProductInventory product)
    {
        var operation = IdempotencyKey.ItemOperation(context, StockPaths.Bulk, sku, place, delta.Fingerprint, fence);
        var outcome = await calls.Send(
            product,
            operation.Id,
            delta.On(operation),
            static (grain, command) => grain.Adjust(command),
            context.RequestAborted);
        return BulkResult.From(sku, StockEndpoints.Answer(outcome, sku, delta), outcome.Replayed);
    }

    private async ValueTask<BulkResult> Count(
        string sku, StockRequest count, string place, Fence? fence, IProductInventory product)
    {
        var operation = IdempotencyKey.ItemOperation(context, StockPaths.Bulk, sku, place, count.Fingerprint, fence);
        var outcome = await calls.Send(
            product,
            operation.Id,
            count.On(operation, count.IfVersion),
            static (grain, command) => grain.SetOnHand(command),
            context.RequestAborted);
        return BulkResult.From(sku, StockEndpoints.Answer(outcome, sku), outcome.Replayed);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "An adjustment of {Sku} failed; its answer is internal_error (request {RequestId})")]
    private partial void LogBroken(Exception exception, string sku, string requestId);
}
