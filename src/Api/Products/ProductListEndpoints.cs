using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Lists;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Api.Shop;
using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Contracts.Inventory;
using Holdfast.Views.Lists;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Products;

public sealed class ProductListEndpoints : IResource
{
    private const string Path = "/v1/products";

    /// <summary>Owners that one request asks for their stock.</summary>
    private const int MaxExpanded = 50;

    /// <summary>How long they are waited for, all at once.</summary>
    private static readonly TimeSpan StockPatience = TimeSpan.FromSeconds(1);

    public IJsonTypeInfoResolver Json => ProductListJson.Default;

    public void Map(IEndpointRouteBuilder door) => door.MapGet(Path, List).WithTags("Products")
        .WithName("ListProducts").Needs(Scopes.ProductsRead).WithSummary("Find products")
        .WithDescription("By when they were created, newest first; with order=asc oldest first. Filters narrow the list together: query (a "
            + "part of the name or of the SKU, in upper or lower case), reference, archived. With expand=stock, for which it takes the "
            + "scope stock:read, each has its stock, as its owner says it now, and null where an owner does not answer within a second; "
            + "limit is then at most 50.")
        .Sends(ResponseHeader.AsOf)
        .Takes(HeaderParameter.AtLeast, HeaderParameter.CacheControlOnList)
        .Refuses(ProblemKind.OutOfBounds, ProblemKind.CursorInvalid, ListCalls.Behind);

    internal static async Task<Results<Ok<ProductsResponse>, Problem>> List(
        string? query,
        string? reference,
        bool? archived,
        string? expand,
        string? cursor,
        int? limit,
        string? order,
        HttpContext context,
        ProductList products,
        IGrainFactory grains,
        TimeProvider clock)
    {
        if (expand is not null && CallerProblems.Without(Scopes.StockRead, context) is { } lacking) return lacking;
        var checks = new Checks();
        checks.Require(expand is null or "stock", RequestError.InParameter("expand", ErrorCodes.OutOfRange, "must be stock"));
        checks.Require(
            expand is null || limit is null or <= MaxExpanded,
            RequestError.InParameter("limit", ErrorCodes.OutOfRange, $"must be 1 to {MaxExpanded} with expand"));
        checks.Refuse();
        var list = Path + ListCalls.Canonical(("query", query), ("reference", reference), ("archived", archived));
        var filter = new ProductFilter(
            ListCalls.Text(query, "query", Limits.KeyLength), ListCalls.Text(reference, "reference", Limits.ReferenceLength), archived);
        var (found, next) = await ListCalls.Read(context, list, PlaceOf, (cursor, limit, order), (after, page, point) => products.Read(
            filter, after, page.Limit, page.OldestFirst, point, context.RequestAborted));
        var items = found.Select(ProductResponse.From);
        if (expand is not null) items = await Task.WhenAll(items.Select(item => WithStock(item, grains, clock, context.RequestAborted)));
        return TypedResults.Ok(new ProductsResponse([.. items], next));
    }

    /// <summary>One that does not answer in time costs its own number, not the page.</summary>
    private static async Task<ProductResponse> WithStock(
        ProductResponse product, IGrainFactory grains, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            var stock = await grains.GetGrain<IProductInventory>(product.Sku).ReadStock().AsTask()
                .WaitAsync(StockPatience, clock, cancellationToken);
            return stock is null ? product : product with { Stock = StockResponse.From(stock) };
        }
        catch (Exception exception) when (exception is TimeoutException || NoAnswer.IsOrGivenUp(exception, cancellationToken))
        {
            return product;
        }
    }

    private static ListPlace? PlaceOf(string place) =>
        ListPlace.Parse(place, false) is { Id: [string sku] } read && Names.IsName(sku) ? read : null;
}

/// <summary>Products, by when they were created; newest first unless asked for otherwise.</summary>
/// <param name="Next">Send as "cursor" for the next page; null at the end.</param>
public sealed record ProductsResponse(IReadOnlyList<ProductResponse> Items, string? Next);

[JsonSerializable(typeof(ProductsResponse))]
internal sealed partial class ProductListJson : JsonSerializerContext;
