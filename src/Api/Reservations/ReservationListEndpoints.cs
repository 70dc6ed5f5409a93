using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Api.Shop;
using Holdfast.Contracts.Callers;
using Holdfast.Contracts.Inventory;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Reservations;

public sealed class ReservationListEndpoints : IResource
{
    public IJsonTypeInfoResolver Json => ReservationJson.Default;

    public void Map(IEndpointRouteBuilder door) => door.MapGet(ReservationPaths.Route, List).WithTags("Reservations")
        .WithName("ListReservations").Needs(Scopes.OrdersRead).WithSummary("Read the open reservations of a product")
        .WithDescription("Newest first; with order=asc oldest first. What is committed, released or expired is not among them any more.")
        .Takes(HeaderParameter.CacheControl)
        .Refuses(ProductOwner.Unknown, ProblemKind.OutOfBounds, ProblemKind.CursorInvalid);

    internal static async Task<Results<Ok<ReservationsResponse>, Problem>> List(
        string sku, string? cursor, int? limit, string? order, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        Checks.Path(sku, "sku");
        var paging = Paging.Of(
            context, ReservationPaths.Reservations(sku), static place => TryRead(place, out _), cursor, limit, order);
        ReservationPlace? after = paging.Place is { } text && TryRead(text, out var place) ? place : null;
        var page = await calls.Send(
            grains.GetGrain<IProductInventory>(sku),
            (After: after, Paging: paging, Consistency: Consistency.Of(context)),
            static (grain, read) => grain.ReadReservations(read.After, read.Paging.Limit, read.Consistency, !read.Paging.OldestFirst),
            context.RequestAborted);
        return page.Exists
            ? TypedResults.Ok(new ReservationsResponse(
                Array.ConvertAll(page.Reservations, ReservationResponse.From), paging.Next(page.Next is { } next ? Text(next) : null)))
            : ProductOwner.NotFound(sku);
    }

    private static string Text(ReservationPlace place) => string.Create(CultureInfo.InvariantCulture, $"{place.CreatedAt}.{place.Id:N}");

    private static bool TryRead(string text, [NotNullWhen(true)] out ReservationPlace? place)
    {
        place = text.Split('.') is [var at, var id]
            && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var createdAt)
            && Guid.TryParseExact(id, "N", out var reservation)
                ? new ReservationPlace(createdAt, reservation)
                : null;
        return place is not null;
    }
}
