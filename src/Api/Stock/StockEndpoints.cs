using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Lists;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Preconditions;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Api.Shop;
using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Contracts.Inventory;
using Holdfast.Views.Lists;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Stock;

public sealed class StockEndpoints : IResource
{
    public IJsonTypeInfoResolver Json => StockJson.Default;

    public IReadOnlyDictionary<string, string> Versions { get; } =
        new Dictionary<string, string> { [ProductOwner.Kind] = Scopes.StockRead };

    public void Map(IEndpointRouteBuilder door)
    {
        var product = door.MapGroup("/v1/products/{sku}").WithTag(
            "Stock", "What is there of a product, what of it is held, and every movement that made it so.");
        product.MapGet("/stock", Get).WithName("GetStock").Needs(Scopes.StockRead)
            .WithSummary("Read what is on hand, reserved and available")
            .WithDescription("As the product's owner says it now. It has no ETag: a hold changes it and not its version. "
                + "With asOf or knownAt it says what was on hand: asOf is when it was so, knownAt what was recorded by then. Without "
                + "asOf it is when it was known; without knownAt all that is recorded counts, corrections with effectiveAt among it. "
                + "Both are times in UTC, as 2026-11-23T09:00:00Z; one to come is answered as of now.")
            .Takes(HeaderParameter.CacheControl)
            .WithMetadata(new EitherAnswer(typeof(StockResponse), typeof(StockAsOfResponse)))
            .Refuses(ProductOwner.Unknown, ListCalls.Behind);
        product.MapPut("/stock", Put).WithName("PutStock").Needs(Scopes.StockWrite).WithSummary("Set what is on hand to a counted number")
            .Sends(ResponseHeader.Version)
            .WithDescription("The version of the stock when it was counted goes into \"ifVersion\", or into If-Match: a count that was "
                + "made before a sale would put the sold units back. For a busy product send the difference that was found, as an "
                + "adjustment: it commutes.")
            .Takes(HeaderParameter.OptionalIdempotencyKey, HeaderParameter.Fence, HeaderParameter.IfMatch)
            .Refuses(
                ProductOwner.Unknown, StockProblems.BelowReserved, StockProblems.VersionMismatch,
                ProblemKind.PreconditionRequired, ProblemKind.OutOfBounds);
        product.MapPost("/adjustments", Adjust).WithName("AdjustStock").Needs(Scopes.StockWrite)
            .WithSummary("Add to, or take from, what is on hand")
            .Sends(ResponseHeader.Version)
            .WithDescription("A difference, which commutes with all that happens meanwhile. It never goes below what is reserved. "
                + "\"effectiveAt\" says that it has been so since then: see asOf of the stock. A source that numbers what it tells of a "
                + "product from 1 can send it late, twice and in any order, counts as well: a count stands for every number below its own. "
                + "What comes after such a count is recorded as superseded. The newest 256 numbers of a source can be used; one that was "
                + "refused stays unused, and is to be sent again.")
            .Takes(HeaderParameter.IdempotencyKey, HeaderParameter.Fence)
            .Refuses(
                ProductOwner.Unknown, StockProblems.BelowReserved, StockProblems.AboveLimit, StockProblems.EffectiveInFuture,
                StockProblems.EffectiveTooEarly, StockProblems.SequenceTooOld, StockProblems.SequenceReused, StockProblems.TooManySources,
                ProblemKind.OutOfBounds);
        product.MapGet("/movements", Movements).WithName("ListMovements").Needs(Scopes.StockRead)
            .WithSummary("Read the ledger of what is on hand")
            .WithDescription("Newest first; with order=asc oldest first. "
                + "kind: adjusted, set, sold, returned or superseded; from (included) and to (not included): times in UTC, as "
                + "2026-11-23T09:00:00Z. "
                + "However few movements a filter lets through, one request looks at a bounded part of the history: a page can be "
                + "short, even empty, and have a next.")
            .Takes(HeaderParameter.CacheControl)
            .Refuses(ProductOwner.Unknown, ProblemKind.OutOfBounds, ProblemKind.CursorInvalid);
        product.MapGet("/movements/{version}", Movement).WithName("GetMovement").Needs(Scopes.StockRead)
            .WithSummary("Read one line of the ledger of what is on hand")
            .WithDescription("A line never changes. Its version is in the Location of the adjustment that made it.")
            .Takes(HeaderParameter.CacheControl)
            .Refuses(ProductOwner.Unknown, StockProblems.NoMovement);
    }

    internal static async Task<Results<Ok<StockResponse>, Ok<StockAsOfResponse>, Problem>> Get(
        string sku,
        string? asOf,
        string? knownAt,
        HttpContext context,
        IGrainFactory grains,
        GrainCalls calls,
        StockHistory history)
    {
        Checks.Path(sku, "sku");
        var (since, known) = (Timestamps.InQuery(asOf, "asOf"), Timestamps.InQuery(knownAt, "knownAt"));
        if (await Read(calls, grains.GetGrain<IProductInventory>(sku), context) is not { } stock) return ProductOwner.NotFound(sku);

        // No ETag: holds change this answer and not the version, so a 304 could hide them.
        if (since is null && known is null) return TypedResults.Ok(StockResponse.From(stock));

        var onHand = await new StockAsOf(grains, calls, history).Read(stock, since, known, context.RequestAborted);
        return TypedResults.Ok(new StockAsOfResponse(sku, onHand, since, known));
    }

    internal static async Task<Results<Ok<StockResponse>, Problem>> Put(
        string sku, StockRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls, TimeProvider clock)
    {
        Checks.Path(sku, "sku");
        body.Check();
        var match = RequestConditions.Of(context).Match;
        if (body.IfVersion is { } counted) match = new(true, false, match.Given && !match.Names(counted) ? [] : [counted]);
        if (!match.Given)
        {
            return ProblemKind.PreconditionRequired.With(
                "Read the stock, and send its version as \"ifVersion\", so that a count does not overwrite what happened since.");
        }

        var product = grains.GetGrain<IProductInventory>(sku);
        var operation = IdempotencyKey.OptionalOperation(context, StockPaths.Stock(sku), body.Fingerprint, clock);
        var outcome = await new RequestConditions(match, default).Write(
            async () => (await Read(calls, product, context))?.Version,
            condition => calls.Send(
                product,
                body.On(operation, condition.Version),
                static (grain, command) => grain.SetOnHand(command),
                context.RequestAborted),
            static outcome => outcome.Status == SetStockStatus.VersionMismatch);

        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        if (outcome is { Status: SetStockStatus.Set, Stock: { } level }) ProductOwner.SendVersion(context, sku, level.Version);
        return Answer(outcome, sku);
    }

    internal static Results<Ok<StockResponse>, Problem> Answer(SetStockOutcome outcome, string sku) => outcome switch
    {
        { Status: SetStockStatus.Set, Stock: { } stock } => TypedResults.Ok(StockResponse.From(stock)),
        { Status: SetStockStatus.UnknownProduct } => ProductOwner.NotFound(sku),
        { Status: SetStockStatus.VersionMismatch, Stock: { } stock } => StockProblems.Moved(stock),
        { Status: SetStockStatus.BelowReserved, Stock: { } stock } => BelowReserved(stock.OnHand, stock.Reserved),
        { Status: SetStockStatus.KeyReused } => IdempotencyKey.Reused,
        _ => throw new UnreachableException(outcome.ToString()),
    };

    internal static async Task<Results<Created<AdjustmentResponse>, Problem>> Adjust(
        string sku, AdjustmentRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        Checks.Path(sku, "sku");
        body.Check();
        var operation = IdempotencyKey.Operation(context, StockPaths.Adjustments(sku), body.Fingerprint);
        var outcome = await calls.Send(
            grains.GetGrain<IProductInventory>(sku),
            operation.Id,
            body.On(operation),
            static (grain, command) => grain.Adjust(command),
            context.RequestAborted);

        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        if (outcome.Status is AdjustStatus.Adjusted or AdjustStatus.Superseded) ProductOwner.SendVersion(context, sku, outcome.Version);
        return Answer(outcome, sku, body);
    }

    internal static Results<Created<AdjustmentResponse>, Problem> Answer(AdjustOutcome outcome, string sku, AdjustmentRequest body) =>
        outcome.Status switch
        {
            AdjustStatus.Adjusted or AdjustStatus.Superseded => TypedResults.Created(
                StockPaths.Movement(sku, outcome.Version), AdjustmentResponse.From(sku, body, outcome)),
            AdjustStatus.UnknownProduct => ProductOwner.NotFound(sku),
            AdjustStatus.BelowReserved => BelowReserved(outcome.OnHand, outcome.Reserved),
            AdjustStatus.AboveLimit => StockProblems.AboveLimit.With($"On hand can be {Limits.Quantity} at most.")
                .And(StockProblems.OnHand, outcome.OnHand),
            AdjustStatus.EffectiveLater => StockProblems.EffectiveInFuture.With("Leave \"effectiveAt\" out for what is so from now on.")
                .And(StockProblems.Now, outcome.At),
            AdjustStatus.EffectiveTooEarly => StockProblems.EffectiveTooEarly.With("Correct it since the earliest time that can be.")
                .And(StockProblems.Earliest, outcome.At),
            AdjustStatus.NumberTooOld => StockProblems.SequenceTooOld.With(
                "Whether it was used is not known any more: compare the ledger with what the source has told, or let the source count.")
                .And(StockProblems.OldestSequence, outcome.Oldest),
            AdjustStatus.NumberReused => StockProblems.SequenceReused.With("Read that movement. A source uses each number once.")
                .And(StockProblems.MovementVersion, outcome.Version),
            AdjustStatus.TooManySources => StockProblems.TooManySources.With(
                $"A product remembers {Limits.Sources} sources: send it without \"source\", or under the name of one that is there."),
            AdjustStatus.KeyReused => IdempotencyKey.Reused,
            _ => throw new UnreachableException(outcome.ToString()),
        };

    internal static async Task<Results<Ok<MovementsResponse>, Problem>> Movements(
        string sku,
        string? cursor,
        int? limit,
        string? order,
        string? kind,
        string? from,
        string? to,
        HttpContext context,
        IGrainFactory grains,
        GrainCalls calls)
    {
        Checks.Path(sku, "sku");
        var filter = MovementQuery.Read(kind, from, to);
        var paging = Paging.Of(
            context, MovementQuery.List(StockPaths.Movements(sku), filter), Paging.IsNumber, cursor, limit, order);
        var page = await ReadMovements(sku, paging.Number, paging.Limit, !paging.OldestFirst, filter, context, grains, calls);
        return page.Exists
            ? TypedResults.Ok(new MovementsResponse([.. page.Movements.Select(MovementBody.From)], paging.Next(page.Next)))
            : ProductOwner.NotFound(sku);
    }

    internal static async Task<Results<Ok<MovementBody>, Problem>> Movement(
        string sku, string version, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        Checks.Path(sku, "sku");
        var known = long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is > 0 and <= Limits.WholeNumber;
        var page = await ReadMovements(sku, known ? number - 1 : 0, 1, newestFirst: false, null, context, grains, calls);
        if (!page.Exists) return ProductOwner.NotFound(sku);
        return known && page.Movements is [var line, ..] && line.Version == number
            ? TypedResults.Ok(MovementBody.From(line))
            : StockProblems.NoMovement.With("Its number is in the answer to the adjustment, and in the list of movements.");
    }

    private static ValueTask<MovementPage> ReadMovements(
        string sku,
        long after,
        int limit,
        bool newestFirst,
        MovementFilter? filter,
        HttpContext context,
        IGrainFactory grains,
        GrainCalls calls) =>
        calls.Send(
            grains.GetGrain<IProductInventory>(sku),
            (after, limit, newestFirst, filter, Consistency: Consistency.Of(context)),
            static (grain, read) => grain.ReadMovements(read.after, read.limit, read.Consistency, read.newestFirst, read.filter),
            context.RequestAborted);

    private static ValueTask<StockLevel?> Read(GrainCalls calls, IProductInventory product, HttpContext context) =>
        calls.Send(product, Consistency.Of(context), static (grain, consistency) => grain.ReadStock(consistency), context.RequestAborted);

    private static Problem BelowReserved(long onHand, long reserved) =>
        StockProblems.BelowReserved.With(reserved > 0
                ? $"{reserved} units are held for buyers; release or wait for those holds, or take less away."
                : $"There are {onHand} units; take less away.")
            .AndStock(onHand, reserved);
}
