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
            .Takes(HeaderParameter.IfMatch, HeaderParameter.IfNoneMatchAny)
            .Refuses(ProblemKind.VersionMismatch, ProblemKind.OutOfBounds);
        products.MapGet("", Get).WithName("GetProduct").WithSummary("Read a product")
            .Takes(HeaderParameter.IfNoneMatch, HeaderParameter.CacheControl)
            .Refuses(ProblemKind.ProductNotFound);
    }

    internal static async Task<Results<Created<ProductResponse>, Ok<ProductResponse>, Problem>> Put(
        string sku, ProductRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls, TimeProvider clock)
    {
        Checks.Path(sku, "sku");
        body.Check();
        var product = grains.GetGrain<IProductInventory>(sku);
        var absent = EntityTags.IfAbsent(context);

        var outcome = await IfMatch.Of(context).Write(
            async () => (await Read(calls, product, context))?.Version,
            version => calls.Send(
                product,
                new PutProduct(Operations.New(clock), body.Name, body.UnitPrice.ToMoney(), version, absent),
                static (grain, command) => grain.PutDetails(command),
                context.RequestAborted),
            static outcome => outcome.Status == PutProductStatus.VersionMismatch);

        switch (outcome)
        {
            case { Status: PutProductStatus.Created, Details: { } details }:
                EntityTags.Send(context, details.Version);
                return TypedResults.Created(Paths.Escape(Paths.Product(sku)), ProductResponse.From(details));
            case { Status: PutProductStatus.Replaced, Details: { } details }:
                EntityTags.Send(context, details.Version);
                return TypedResults.Ok(ProductResponse.From(details));
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
        if (EntityTags.IsUnchanged(context, details.Version)) return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        return TypedResults.Ok(ProductResponse.From(details));
    }

    internal static Problem NotFound(string sku) =>
        ProblemKind.ProductNotFound.With($"Create it with PUT {Paths.Escape(Paths.Product(sku))}.");

    private static ValueTask<ProductDetails?> Read(GrainCalls calls, IProductInventory product, HttpContext context) =>
        calls.Send(product, Consistency.Of(context), static (grain, consistency) => grain.ReadDetails(consistency), context.RequestAborted);
}
