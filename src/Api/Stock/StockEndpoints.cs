using System.Diagnostics;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Preconditions;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Api.Shop;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Stock;

public sealed class StockEndpoints : IResource
{
    public IJsonTypeInfoResolver Json => StockJson.Default;

    public void Map(IEndpointRouteBuilder door)
    {
        var product = door.MapGroup("/v1/products/{sku}").WithTags("Stock");
        product.MapGet("/stock", Get).WithName("GetStock").WithSummary("Read what is on hand, reserved and available")
            .Takes(HeaderParameter.IfMatchOnRead, HeaderParameter.CacheControl)
            .Refuses(ProductOwner.Unknown, ProblemKind.VersionMismatch);
        product.MapPut("/stock", Put).WithName("PutStock").WithSummary("Set what is on hand to a counted number")
            .Takes(HeaderParameter.IfMatchRequired, HeaderParameter.IfNoneMatchOnWrite)
            .Refuses(
                ProductOwner.Unknown, StockProblems.BelowReserved, ProblemKind.VersionMismatch,
                ProblemKind.PreconditionRequired, ProblemKind.OutOfBounds);
        product.MapPost("/adjustments", Adjust).WithName("AdjustStock").WithSummary("Add to, or take from, what is on hand")
            .Takes(HeaderParameter.IdempotencyKey)
            .Refuses(
                ProductOwner.Unknown, StockProblems.BelowReserved, StockProblems.AboveLimit, ProblemKind.OutOfBounds);
        product.MapGet("/movements", Movements).WithName("ListMovements").WithSummary("Read the ledger of what is on hand, oldest first")
            .Takes(HeaderParameter.CacheControl)
            .Refuses(ProductOwner.Unknown, ProblemKind.OutOfBounds);
    }

    internal static async Task<Results<Ok<StockResponse>, Problem>> Get(
        string sku, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        Checks.Path(sku, "sku");
        if (await Read(calls, grains.GetGrain<IProductInventory>(sku), context) is not { } stock) return ProductOwner.NotFound(sku);

        // If-None-Match is refused, and no cache may come to send it: holds do not move this ETag, so a 304 could hide them.
        _ = RequestConditions.IsUnchanged(context, stock.Version);
        context.Response.Headers.CacheControl = "no-store";
        EntityTags.Send(context, stock.Version);
        return TypedResults.Ok(StockResponse.From(stock));
    }

    internal static async Task<Results<Ok<StockResponse>, Problem>> Put(
        string sku, StockRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls, TimeProvider clock)
    {
        Checks.Path(sku, "sku");
        body.Check();
        var conditions = RequestConditions.Of(context);
        if (!conditions.Given)
        {
            return ProblemKind.PreconditionRequired.With(
                "Read the stock, and send its ETag in If-Match, so that a count does not overwrite what happened since.");
        }

        var product = grains.GetGrain<IProductInventory>(sku);
        var outcome = await conditions.Write(
            async () => (await Read(calls, product, context) ?? throw new RefusedRequestException(ProductOwner.NotFound(sku))).Version,
            condition => calls.Send(
                product,
                new SetStock(Operations.New(clock), body.OnHand, condition.Version),
                static (grain, command) => grain.SetOnHand(command),
                context.RequestAborted),
            static outcome => outcome.Status == SetStockStatus.VersionMismatch);

        return Answer(outcome, context, sku);
    }

    internal static Results<Ok<StockResponse>, Problem> Answer(SetStockOutcome outcome, HttpContext context, string sku)
    {
        switch (outcome)
        {
            case { Status: SetStockStatus.Set, Stock: { } stock }:
                EntityTags.Send(context, stock.Version);
                return TypedResults.Ok(StockResponse.From(stock));
            case { Status: SetStockStatus.UnknownProduct }:
                return ProductOwner.NotFound(sku);
            case { Status: SetStockStatus.VersionMismatch }:
                return EntityTags.Mismatch(outcome.Stock?.Version);
            case { Status: SetStockStatus.BelowReserved, Stock: { } stock }:
                return BelowReserved(stock.OnHand, stock.Reserved);
            case { Status: SetStockStatus.KeyReused }:
                return IdempotencyKey.Reused;
            default:
                throw new UnreachableException(outcome.ToString());
        }
    }

    internal static async Task<Results<Created<AdjustmentResponse>, Problem>> Adjust(
        string sku, AdjustmentRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        Checks.Path(sku, "sku");
        body.Check();
        var operation = IdempotencyKey.Operation(context, StockPaths.Adjustments(sku), body.Fingerprint);
        var outcome = await calls.Send(
            grains.GetGrain<IProductInventory>(sku),
            operation.Id,
            new AdjustStock(operation, body.Delta, body.Reason, body.Reference),
            static (grain, command) => grain.Adjust(command),
            context.RequestAborted);

        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        return Answer(outcome, sku, body);
    }

    internal static Results<Created<AdjustmentResponse>, Problem> Answer(AdjustOutcome outcome, string sku, AdjustmentRequest body) =>
        outcome.Status switch
        {
            AdjustStatus.Adjusted => TypedResults.Created(
                StockPaths.Movement(sku, outcome.Version),
                new AdjustmentResponse(sku, body.Delta, body.Reason, body.Reference, outcome.OnHand, outcome.Version, outcome.At)),
            AdjustStatus.UnknownProduct => ProductOwner.NotFound(sku),
            AdjustStatus.BelowReserved => BelowReserved(outcome.OnHand, outcome.Reserved),
            AdjustStatus.AboveLimit => StockProblems.AboveLimit.With($"On hand can be {Limits.Quantity} at most.")
                .And(StockProblems.OnHand, outcome.OnHand),
            AdjustStatus.KeyReused => IdempotencyKey.Reused,
            _ => throw new UnreachableException(outcome.ToString()),
        };

    internal static async Task<Results<Ok<MovementsResponse>, Problem>> Movements(
        string sku, long? after, int? limit, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        Checks.Path(sku, "sku");
        var paging = Paging.Of(after, limit);
        var page = await calls.Send(
            grains.GetGrain<IProductInventory>(sku),
            (Paging: paging, Consistency: Consistency.Of(context)),
            static (grain, read) => grain.ReadMovements(read.Paging.After, read.Paging.Limit, read.Consistency),
            context.RequestAborted);

        return page.Exists
            ? TypedResults.Ok(new MovementsResponse([.. page.Movements.Select(MovementBody.From)], page.Next))
            : ProductOwner.NotFound(sku);
    }

    private static ValueTask<StockLevel?> Read(GrainCalls calls, IProductInventory product, HttpContext context) =>
        calls.Send(product, Consistency.Of(context), static (grain, consistency) => grain.ReadStock(consistency), context.RequestAborted);

    private static Problem BelowReserved(long onHand, long reserved) =>
        StockProblems.BelowReserved.With(reserved > 0
                ? $"{reserved} units are held for buyers; release or wait for those holds, or take less away."
                : $"There are {onHand} units; take less away.")
            .And(ProductOwner.Available, onHand - reserved)
            .And(StockProblems.OnHand, onHand)
            .And(StockProblems.Reserved, reserved);
}
