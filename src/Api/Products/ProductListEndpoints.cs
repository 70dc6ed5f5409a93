using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Lists;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Holdfast.Views.Lists;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Products;

public sealed class ProductListEndpoints : IResource
{
    private const string Path = "/v1/products";

    public IJsonTypeInfoResolver Json => ProductListJson.Default;

    public void Map(IEndpointRouteBuilder door) => door.MapGet(Path, List).WithTags("Products")
        .WithName("ListProducts").WithSummary("Find products")
        .WithDescription("By when they were created, newest first; with order=asc oldest first. query is a part of the name or of the "
            + "SKU, in upper or lower case.")
        .Takes(HeaderParameter.AtLeast, HeaderParameter.CacheControlOnList)
        .Refuses(ProblemKind.OutOfBounds, ProblemKind.CursorInvalid, ListCalls.Behind);

    internal static async Task<Ok<ProductsResponse>> List(
        string? query, string? cursor, int? limit, string? order, HttpContext context, ProductList products)
    {
        var checks = new Checks();
        checks.Require(
            query is null or { Length: > 0 and <= Limits.KeyLength },
            RequestError.InParameter("query", ErrorCodes.TooLong, $"must have 1 to {Limits.KeyLength} characters"));
        checks.Refuse();
        var paging = Paging.Of(
            context, Path + ListCalls.Canonical(("query", query)), static place => PlaceOf(place) is not null, cursor, limit, order);
        var after = paging.Place is { } place ? PlaceOf(place) : null;
        var page = await ListCalls.Read(
            context, point => products.Read(new(query), after, paging.Limit, paging.OldestFirst, point, context.RequestAborted));
        return TypedResults.Ok(new ProductsResponse([.. page.Items.Select(ProductResponse.From)], paging.Next(page.Next?.ToString())));
    }

    private static ListPlace? PlaceOf(string place) =>
        ListPlace.Parse(place, false) is { Id: [string sku] } read && Names.IsName(sku) ? read : null;
}

/// <summary>Products, by when they were created; newest first unless asked for otherwise.</summary>
/// <param name="Next">Send as "cursor" for the next page; null at the end.</param>
public sealed record ProductsResponse(IReadOnlyList<ProductResponse> Items, string? Next);

[JsonSerializable(typeof(ProductsResponse))]
internal sealed partial class ProductListJson : JsonSerializerContext;
