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

public sealed class ProductPatchEndpoints : IResource
{
    public IJsonTypeInfoResolver Json => ProductPatchJson.Default;

    public void Map(IEndpointRouteBuilder door) => door.MapPatch("/v1/products/{sku}", Patch).WithTags("Products")
        .WithName("PatchProduct").Needs(Scopes.ProductsWrite).WithSummary("Change some of what the shop shows of a product")
        .WithDescription("A JSON merge patch (RFC 7396): members that are sent replace those of the product, null removes one that can be "
            + "missing. Two callers who patch different members both win.")
        .Sends(ResponseHeader.ETag, ResponseHeader.Version)
        .Accepts<ProductPatchBody>(MediaTypes.MergePatch)
        .Takes(HeaderParameter.OptionalIdempotencyKey, HeaderParameter.Fence, HeaderParameter.IfMatch, HeaderParameter.IfNoneMatchOnWrite)
        .Refuses(
            ProductOwner.Unknown, PriceProblems.CurrencyScheduled, ProblemKind.VersionMismatch, MetadataBody.TooMuch,
            ProblemKind.OutOfBounds);

    internal static async Task<Results<Ok<ProductResponse>, Problem>> Patch(
        string sku, HttpContext context, IGrainFactory grains, GrainCalls calls, TimeProvider clock)
    {
        Checks.Path(sku, "sku");
        var patch = ProductPatch.Read(await JsonBodies.Read(context));
        var product = grains.GetGrain<IProductInventory>(sku);
        var operation = IdempotencyKey.OptionalOperation(context, ProductOwner.Path(sku), patch.Fingerprint, clock);
        var outcome = await RequestConditions.Of(context).Write(
            async () => (await ProductEndpoints.Read(calls, product, context))?.Version,
            condition => calls.Send(
                product,
                patch.On(operation, condition.Version),
                static (grain, command) => grain.PatchDetails(command),
                context.RequestAborted),
            static outcome => outcome.Status == PatchProductStatus.VersionMismatch);

        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        return Answer(outcome, context, sku);
    }

    internal static Results<Ok<ProductResponse>, Problem> Answer(PatchProductOutcome outcome, HttpContext context, string sku)
    {
        switch (outcome)
        {
            case { Status: PatchProductStatus.Patched, Details: { } details }:
                ProductEndpoints.Send(context, details);
                return TypedResults.Ok(ProductResponse.From(details));
            case { Status: PatchProductStatus.NotFound }:
                return ProductOwner.NotFound(sku);
            case { Status: PatchProductStatus.VersionMismatch }:
                return EntityTags.Mismatch(outcome.Details?.Version);
            case { Status: PatchProductStatus.TooManyEntries }:
                return MetadataBody.TooMany;
            case { Status: PatchProductStatus.CurrencyScheduled, Details: { } there }:
                return PriceProblems.Scheduled(there.UnitPrice.Currency);
            case { Status: PatchProductStatus.KeyReused }:
                return IdempotencyKey.Reused;
            default:
                throw new UnreachableException(outcome.ToString());
        }
    }
}
