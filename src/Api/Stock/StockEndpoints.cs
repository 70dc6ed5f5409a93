using System.Diagnostics;
using Holdfast.Api.Http;
using Holdfast.Api.Products;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Stock;

public static class StockEndpoints
{
    public static void MapStock(this IEndpointRouteBuilder app)
    {
        var product = app.MapGroup("/v1/products/{sku}").WithTags("Stock");
        product.MapGet("/stock", Get).WithName("GetStock").WithSummary("Read what is on hand, reserved and available")
            .Takes(HeaderParameter.IfMatchOnRead, HeaderParameter.CacheControl)
            .Refuses(ProblemKind.ProductNotFound, ProblemKind.VersionMismatch);
        product.MapPut("/stock", Put).WithName("PutStock").WithSummary("Set what is on hand to a counted number")
            .Takes(HeaderParameter.IfMatchRequired, HeaderParameter.IfNoneMatchOnWrite)
            .Refuses(
                ProblemKind.ProductNotFound, ProblemKind.StockBelowReserved, ProblemKind.VersionMismatch,
                ProblemKind.PreconditionRequired, ProblemKind.OutOfBounds);
        product.MapPost("/adjustments", Adjust).WithName("AdjustStock").WithSummary("Add to, or take from, what is on hand")
            .Takes(HeaderParameter.IdempotencyKey)
            .Refuses(
                ProblemKind.ProductNotFound, ProblemKind.StockBelowReserved, ProblemKind.StockAboveLimit, ProblemKind.OutOfBounds);
        product.MapGet("/movements", Movements).WithName("ListMovements").WithSummary("Read the ledger of what is on hand, oldest first")
            .Takes(HeaderParameter.CacheControl)
            .Refuses(ProblemKind.ProductNotFound, ProblemKind.OutOfBounds);
    }

    internal static async Task<Results<Ok<StockResponse>, Problem>> Get(
        string sku, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        Checks.Path(sku, "sku");
        if (await Read(calls, grains.GetGrain<IProductInventory>(sku), context) is not { } stock) return ProductEndpoints.NotFound(sku);

        // If-None-Match is refused, and no cache may come to send it: holds and sales do not move this ETag, so a 304 could hide them.
        _ = Preconditions.IsUnchanged(context, stock.Version);
        context.Response.Headers.CacheControl = "no-store";
        EntityTags.Send(context, stock.Version);
        return TypedResults.Ok(StockResponse.From(stock));
    }

    internal static async Task<Results<Ok<StockResponse>, Problem>> Put(
        string sku, StockRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls, TimeProvider clock)
    {
        Checks.Path(sku, "sku");
        body.Check();
        var conditions = Preconditions.Of(context);
        if (!conditions.Given)
        {
            return ProblemKind.PreconditionRequired.With(
                "Read the stock, and send its ETag in If-Match, so that a count does not overwrite what happened since.");
        }

        var product = grains.GetGrain<IProductInventory>(sku);
        var outcome = await conditions.Write(
            async () => (await Read(calls, product, context) ?? throw new RefusedRequestException(ProductEndpoints.NotFound(sku))).Version,
            version => calls.Send(
                product,
                new SetStock(Operations.New(clock), body.OnHand, version),
                static (grain, command) => grain.SetOnHand(command),
                context.RequestAborted),
            static outcome => outcome.Status == SetStockStatus.VersionMismatch);

        switch (outcome)
        {
            case { Status: SetStockStatus.Set, Stock: { } stock }:
                EntityTags.Send(context, stock.Version);
                return TypedResults.Ok(StockResponse.From(stock));
            case { Status: SetStockStatus.UnknownProduct }:
                return ProductEndpoints.NotFound(sku);
            case { Status: SetStockStatus.VersionMismatch }:
                return EntityTags.Mismatch(outcome.Stock?.Version);
            case { Status: SetStockStatus.BelowReserved, Stock: { } stock }:
                return BelowReserved(stock.OnHand, stock.Reserved);
            default:
                throw new UnreachableException(outcome.ToString());
        }
    }

    internal static async Task<Results<Created<AdjustmentResponse>, Problem>> Adjust(
        string sku, AdjustmentRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        Checks.Path(sku, "sku");
        body.Check();
        var operation = IdempotencyKey.Operation(context, Paths.Adjustments(sku), body.Fingerprint);
        var outcome = await calls.Send(
            grains.GetGrain<IProductInventory>(sku),
            operation.Id,
            new AdjustStock(operation, body.Delta, body.Reason, body.Reference),
            static (grain, command) => grain.Adjust(command),
            context.RequestAborted);

        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        return outcome.Status switch
        {
            AdjustStatus.Adjusted => TypedResults.Created(
                Paths.Movement(sku, outcome.Version),
                new AdjustmentResponse(sku, body.Delta, body.Reason, body.Reference, outcome.OnHand, outcome.Version, outcome.At)),
            AdjustStatus.UnknownProduct => ProductEndpoints.NotFound(sku),
            AdjustStatus.BelowReserved => BelowReserved(outcome.OnHand, outcome.Reserved),
            AdjustStatus.AboveLimit => new Problem(ProblemKind.StockAboveLimit, $"On hand can be {Limits.Quantity} at most.")
            {
                OnHand = outcome.OnHand,
            },
            AdjustStatus.KeyReused => IdempotencyKey.Reused,
            _ => throw new UnreachableException(outcome.ToString()),
        };
    }

    internal static async Task<Results<Ok<MovementsResponse>, Problem>> Movements(
        string sku, long? after, int? limit, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        Checks.Path(sku, "sku");
        var paging = Paging.Of(after, limit);
        var page = await calls.Send(
            grains.GetGrain<IProductInventory>(sku),
            (Paging: paging, Consistency: Consistency.Of(context)),
            static (grain, read) => new ValueTask<MovementPage>(grain.ReadMovements(read.Paging.After, read.Paging.Limit, read.Consistency)),
            context.RequestAborted);

        return page.Exists
            ? TypedResults.Ok(new MovementsResponse([.. page.Movements.Select(MovementBody.From)], page.Next))
            : ProductEndpoints.NotFound(sku);
    }

    private static ValueTask<StockLevel?> Read(GrainCalls calls, IProductInventory product, HttpContext context) =>
        calls.Send(product, Consistency.Of(context), static (grain, consistency) => grain.ReadStock(consistency), context.RequestAborted);

    private static Problem BelowReserved(long onHand, long reserved) =>
        new(ProblemKind.StockBelowReserved, $"{reserved} units are held for buyers; release or wait for those holds, or take less away.")
        {
            OnHand = onHand,
            Reserved = reserved,
            Available = onHand - reserved,
        };
}
