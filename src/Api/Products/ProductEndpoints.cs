using System.Diagnostics;
using Holdfast.Api.Http;
using Holdfast.Contracts.Inventory;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Products;

public static class ProductEndpoints
{
    public static void MapProducts(this IEndpointRouteBuilder app)
    {
        var products = app.MapGroup("/v1/products/{sku}").WithTags("Products");
        products.MapPut("", Put).WithName("PutProduct").WithSummary("Create or replace a product")
            .WithDescription("Creates the product. Over something else that is there it needs If-Match, so that nobody's edit is lost; "
                + "what is there already may be said again.")
            .Takes(HeaderParameter.IfMatchToReplace, HeaderParameter.IfNoneMatchOnWrite)
            .Refuses(ProblemKind.VersionMismatch, ProblemKind.PreconditionRequired, ProblemKind.OutOfBounds);
        products.MapGet("", Get).WithName("GetProduct").WithSummary("Read a product")
            .Takes(HeaderParameter.IfMatchOnRead, HeaderParameter.IfNoneMatch, HeaderParameter.CacheControl)
            .Refuses(ProblemKind.ProductNotFound, ProblemKind.VersionMismatch);
    }

    internal static async Task<Results<Created<ProductResponse>, Ok<ProductResponse>, Problem>> Put(
        string sku, ProductRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls, TimeProvider clock)
    {
        Checks.Path(sku, "sku");
        body.Check();
        var product = grains.GetGrain<IProductInventory>(sku);
        var conditions = Preconditions.Of(context);

        // Whoever names no version has seen none, and may only create.
        var outcome = await conditions.Write(
            async () => (await Read(calls, product, context))?.Version,
            version => calls.Send(
                product,
                new PutProduct(Operations.New(clock), body.Name, body.UnitPrice.ToMoney(), version, IfAbsent: version is null),
                static (grain, command) => grain.PutDetails(command),
                context.RequestAborted),
            static outcome => outcome.Status == PutProductStatus.VersionMismatch);

        switch (outcome)
        {
            case { Status: PutProductStatus.Created, Details: { } details }:
                EntityTags.Send(context, details.Version);
                return TypedResults.Created(Paths.Product(Paths.Escape(sku)), ProductResponse.From(details));
            case { Status: PutProductStatus.Replaced, Details: { } details }:
                EntityTags.Send(context, details.Version);
                return TypedResults.Ok(ProductResponse.From(details));
            case { Status: PutProductStatus.VersionMismatch, Details: { } there } when !conditions.Given && body.Says(there):
                EntityTags.Send(context, there.Version);
                return TypedResults.Ok(ProductResponse.From(there));
            case { Status: PutProductStatus.VersionMismatch } when !conditions.Given:
                return EntityTags.Required(outcome.Details?.Version);
            case { Status: PutProductStatus.VersionMismatch }:
                return EntityTags.Mismatch(outcome.Details?.Version);
            default:
                throw new UnreachableException(outcome.ToString());
        }
    }

    internal static async Task<Results<Ok<ProductResponse>, StatusCodeHttpResult, Problem>> Get(
        string sku, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        Checks.Path(sku, "sku");
        if (await Read(calls, grains.GetGrain<IProductInventory>(sku), context) is not { } details) return NotFound(sku);

        EntityTags.Send(context, details.Version);
        if (Preconditions.IsUnchanged(context, details.Version)) return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        return TypedResults.Ok(ProductResponse.From(details));
    }

    internal static Problem NotFound(string sku) =>
        ProblemKind.ProductNotFound.With($"Create it with PUT {Paths.Product(Paths.Escape(sku))}.");

    private static ValueTask<ProductDetails?> Read(GrainCalls calls, IProductInventory product, HttpContext context) =>
        calls.Send(product, Consistency.Of(context), static (grain, consistency) => grain.ReadDetails(consistency), context.RequestAborted);
}
