using System.Diagnostics;
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
using Holdfast.Contracts.Callers;
using Holdfast.Contracts.Inventory;
using Holdfast.Views.Lists;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Products;

public sealed class PriceEndpoints : IResource
{
    public IJsonTypeInfoResolver Json => PriceJson.Default;

    public void Map(IEndpointRouteBuilder door)
    {
        var prices = door.MapGroup("/v1/products/{sku}/prices").WithTags("Products");
        prices.MapPut("", Put).WithName("PutPrices").Needs(Scopes.ProductsWrite)
            .WithSummary("Say which prices begin and end, from now on")
            .WithDescription("Replaces all that is still to come, the rest of the price that holds now included, and never the past. To "
                + "let what holds now go on, name it first: with the 'from' that it has, or with none, at the same price. Where none of "
                + "them holds, the product costs its unitPrice. A reservation costs what holds at the time at which it is recorded. Over "
                + "others that are there it needs their version in If-Match; what is there already may be said again.")
            .Sends(ResponseHeader.Version)
            .Takes(HeaderParameter.OptionalIdempotencyKey, HeaderParameter.Fence, HeaderParameter.IfMatchToReplace)
            .Refuses(
                ProductOwner.Unknown, PriceProblems.Overlap, PriceProblems.Past, PriceProblems.OtherCurrency,
                ProblemKind.VersionMismatch, ProblemKind.PreconditionRequired, ProblemKind.OutOfBounds);
        prices.MapGet("", Get).WithName("GetPrices").Needs(Scopes.ProductsRead)
            .WithSummary("Read what a product costs, now and later")
            .WithDescription("As the product's owner says it now. It has no ETag: a price begins and ends by time alone, and its version "
                + "does not tell of it. With knownAt, a time in UTC as 2026-11-23T09:00:00Z, it says what was recorded by then: what it "
                + "cost at that time, and what it was to cost later. A time to come is answered as of now.")
            .Takes(HeaderParameter.CacheControl)
            .Refuses(ProductOwner.Unknown, PriceProblems.NotKnown, ListCalls.Behind);
    }

    internal static async Task<Results<Ok<PricesResponse>, Problem>> Put(
        string sku, PricesRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls, TimeProvider clock)
    {
        Checks.Path(sku, "sku");
        var asked = body.Check();
        var product = grains.GetGrain<IProductInventory>(sku);
        var conditions = RequestConditions.Of(context);
        var operation = IdempotencyKey.OptionalOperation(context, ProductOwner.Path(sku) + "/prices", body.Fingerprint, clock);
        var outcome = await conditions.Write(
            async () => (await Read(calls, product, context))?.Version,
            condition => calls.Send(
                product,
                new PutPrices(operation, asked, condition.Version, IfAbsent: !condition.MustExist),
                static (grain, command) => grain.PutPrices(command),
                context.RequestAborted),
            static outcome => outcome.Status == PutPricesStatus.VersionMismatch);

        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        return Answer(outcome, context, sku, conditions.Given);
    }

    /// <param name="conditional">The request named versions.</param>
    internal static Results<Ok<PricesResponse>, Problem> Answer(
        PutPricesOutcome outcome, HttpContext context, string sku, bool conditional)
    {
        switch (outcome)
        {
            case { Status: PutPricesStatus.Put, Prices: { } prices }:
                ProductOwner.SendVersion(context, sku, prices.Version);
                return TypedResults.Ok(PricesResponse.From(prices));
            case { Status: PutPricesStatus.UnknownProduct }:
                return ProductOwner.NotFound(sku);
            case { Status: PutPricesStatus.VersionMismatch } when !conditional:
                return PriceProblems.Required(outcome.Prices?.Version);
            case { Status: PutPricesStatus.VersionMismatch }:
                return PriceProblems.Changed(outcome.Prices?.Version);
            case { Status: PutPricesStatus.OtherCurrency, Prices: { } there }:
                return PriceProblems.InOtherCurrency(PricesRequest.Place(outcome.Place), there.UnitPrice.Currency);
            case { Status: PutPricesStatus.Past, Prices: { } there }:
                return PriceProblems.InPast(PricesRequest.Place(outcome.Place), there);
            case { Status: PutPricesStatus.KeyReused }:
                return IdempotencyKey.Reused;
            default:
                throw new UnreachableException(outcome.ToString());
        }
    }

    internal static async Task<Results<Ok<PricesResponse>, Problem>> Get(
        string sku, string? knownAt, HttpContext context, IGrainFactory grains, GrainCalls calls, PriceHistory history)
    {
        Checks.Path(sku, "sku");
        var known = Timestamps.InQuery(knownAt, "knownAt");
        var product = grains.GetGrain<IProductInventory>(sku);
        var details = known is null
            ? null
            : await calls.Send(
                product,
                Consistency.Of(context),
                static (grain, consistency) => grain.ReadDetails(consistency),
                context.RequestAborted);
        if (await Read(calls, product, context) is not { } prices) return ProductOwner.NotFound(sku);

        // No ETag: time changes this answer and not the version, so a 304 could hide what it did.
        if (known is not { } then || then >= prices.Now.At) return TypedResults.Ok(PricesResponse.From(prices));

        // What the owner has said is in it.
        var point = ProductOwner.PastVersion(sku, Math.Max(prices.Version, details?.Version ?? 0));
        return await ListCalls.Answered(() => history.Read(sku, then, point, context.RequestAborted)) is { } before
            ? TypedResults.Ok(PricesResponse.From(before))
            : PriceProblems.NotKnown.With("The product was not there yet. Ask for a later time.");
    }

    private static ValueTask<ProductPrices?> Read(GrainCalls calls, IProductInventory product, HttpContext context) =>
        calls.Send(product, Consistency.Of(context), static (grain, consistency) => grain.ReadPrices(consistency), context.RequestAborted);
}
