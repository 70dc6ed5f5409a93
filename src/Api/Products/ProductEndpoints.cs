using System.Diagnostics;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Preconditions;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Api.Shop;
using Holdfast.Contracts.Callers;
using Holdfast.Contracts.Inventory;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Products;

public sealed class ProductEndpoints : IResource
{
    public IJsonTypeInfoResolver Json => ProductJson.Default;

    public IReadOnlyDictionary<string, string> Versions { get; } =
        new Dictionary<string, string> { [ProductOwner.Kind] = Scopes.ProductsRead };

    public void Map(IEndpointRouteBuilder door)
    {
        var products = door.MapGroup("/v1/products/{sku}").WithTag(
            "Products", "What a shop sells: its name and its price.");
        products.MapPut("", Put).WithName("PutProduct").Needs(Scopes.ProductsWrite).WithSummary("Create or replace a product")
            .Sends(ResponseHeader.ETag, ResponseHeader.Version)
            .WithDescription("Creates the product. Over something else that is there it needs If-Match, so that nobody's edit is lost; "
                + "what is there already may be said again.")
            .Takes(
                HeaderParameter.OptionalIdempotencyKey, HeaderParameter.Fence,
                HeaderParameter.IfMatchToReplace, HeaderParameter.IfNoneMatchOnWrite)
            .Refuses(
                PriceProblems.CurrencyScheduled, ProblemKind.VersionMismatch, ProblemKind.PreconditionRequired, ProblemKind.OutOfBounds);
        products.MapGet("", Get).WithName("GetProduct").Needs(Scopes.ProductsRead).WithSummary("Read a product")
            .Sends(ResponseHeader.ETagUnlessExpanded)
            .WithDescription("As the shop shows it. With expand=stock its stock, too, for which it takes the scope stock:read; then the "
                + "answer has no ETag, and conditions are refused: holds change it, and no version tells of them.")
            .CallerMayKeep()
            .Takes(HeaderParameter.IfMatchOnRead, HeaderParameter.IfNoneMatch, HeaderParameter.CacheControl)
            .Refuses(
                ProductOwner.Unknown, ProblemKind.VersionMismatch, ProblemKind.OutOfBounds, ProblemKind.PreconditionUnsupported);
    }

    internal static async Task<Results<Created<ProductResponse>, Ok<ProductResponse>, Problem>> Put(
        string sku, ProductRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls, TimeProvider clock)
    {
        Checks.Path(sku, "sku");
        var metadata = body.Check();
        var product = grains.GetGrain<IProductInventory>(sku);
        var conditions = RequestConditions.Of(context);
        var operation = IdempotencyKey.OptionalOperation(context, ProductOwner.Path(sku), body.Fingerprint(metadata), clock);

        // Whoever names no version has seen none, and may only create.
        var outcome = await conditions.Write(
            async () => (await Read(calls, product, context))?.Version,
            condition => calls.Send(
                product,
                new PutProduct(
                    operation, body.Name, body.UnitPrice.ToMoney(), condition.Version, IfAbsent: !condition.MustExist)
                {
                    Reference = body.Reference,
                    Metadata = metadata,
                    Archived = body.Archived,
                },
                static (grain, command) => grain.PutDetails(command),
                context.RequestAborted),
            static outcome => outcome.Status == PutProductStatus.VersionMismatch);

        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        return Answer(outcome, context, sku, conditions.Given, outcome.Details is { } there && body.Says(there, metadata));
    }

    /// <param name="conditional">The request named versions.</param>
    /// <param name="same">What is there says the same already.</param>
    internal static Results<Created<ProductResponse>, Ok<ProductResponse>, Problem> Answer(
        PutProductOutcome outcome, HttpContext context, string sku, bool conditional, bool same)
    {
        switch (outcome)
        {
            case { Status: PutProductStatus.Created, Details: { } details }:
                Send(context, details);
                return TypedResults.Created(ProductOwner.Path(PathSegment.Escape(sku)), ProductResponse.From(details));
            case { Status: PutProductStatus.Replaced, Details: { } details }:
                Send(context, details);
                return TypedResults.Ok(ProductResponse.From(details));
            case { Status: PutProductStatus.VersionMismatch, Details: { } there } when !conditional && same:
                Send(context, there);
                return TypedResults.Ok(ProductResponse.From(there));
            case { Status: PutProductStatus.VersionMismatch } when !conditional:
                return EntityTags.Required(outcome.Details?.Version);
            case { Status: PutProductStatus.VersionMismatch }:
                return EntityTags.Mismatch(outcome.Details?.Version);
            case { Status: PutProductStatus.CurrencyScheduled, Details: { } there }:
                return PriceProblems.Scheduled(there.UnitPrice.Currency);
            case { Status: PutProductStatus.KeyReused }:
                return IdempotencyKey.Reused;
            default:
                throw new UnreachableException(outcome.ToString());
        }
    }

    internal static async Task<Results<Ok<ProductResponse>, StatusCodeHttpResult, Problem>> Get(
        string sku, string? expand, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        Checks.Path(sku, "sku");
        if (expand is not null) return await GetWithStock(sku, expand, context, grains, calls);
        if (await Read(calls, grains.GetGrain<IProductInventory>(sku), context) is not { } details) return ProductOwner.NotFound(sku);

        EntityTags.Send(context, details.Version);
        if (RequestConditions.IsUnchanged(context, details.Version)) return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        return TypedResults.Ok(ProductResponse.From(details));
    }

    /// <summary>No ETag: what changes the stock does not change the version of what the shop shows.</summary>
    private static async Task<Results<Ok<ProductResponse>, StatusCodeHttpResult, Problem>> GetWithStock(
        string sku, string expand, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        if (CallerProblems.Without(Scopes.StockRead, context) is { } lacking) return lacking;
        var checks = new Checks();
        checks.Require(expand == "stock", RequestError.InParameter("expand", ErrorCodes.OutOfRange, "must be stock"));
        checks.Refuse();
        RequestConditions.RefuseAny(context);
        context.Response.Headers.CacheControl = CacheRules.NotKept;

        var product = grains.GetGrain<IProductInventory>(sku);
        var stock = await calls.Send(
            product, Consistency.Of(context), static (grain, consistency) => grain.ReadStock(consistency), context.RequestAborted);
        return stock is not null && await Read(calls, product, context) is { } details
            ? TypedResults.Ok(ProductResponse.From(details) with { Stock = StockResponse.From(stock) })
            : ProductOwner.NotFound(sku);
    }

    /// <summary>The version, for those who go on from here.</summary>
    internal static void Send(HttpContext context, ProductDetails details)
    {
        EntityTags.Send(context, details.Version);
        ProductOwner.SendVersion(context, details.Sku, details.Version);
    }

    internal static ValueTask<ProductDetails?> Read(GrainCalls calls, IProductInventory product, HttpContext context) =>
        calls.Send(product, Consistency.Of(context), static (grain, consistency) => grain.ReadDetails(consistency), context.RequestAborted);
}
