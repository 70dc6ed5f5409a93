using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Lists;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Contracts.Orders;
using Holdfast.Views.Lists;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Orders;

public sealed class OrderListEndpoints : IResource
{
    public IJsonTypeInfoResolver Json => OrderListJson.Default;

    public void Map(IEndpointRouteBuilder door) => door.MapGet(OrderPaths.Orders, List).WithTags("Orders")
        .WithName("ListOrders").Needs(Scopes.OrdersRead).LetsInCustomers().WithSummary("Find orders")
        .WithDescription("By when they were placed, newest first; with order=asc oldest first. Filters narrow the list together: "
            + "customerId, status, reference, sku (orders with a line of it), placedAfter (then or later), placedBefore (earlier), "
            + "attention (true: those that somebody should look at). A customer finds its own.")
        .Sends(ResponseHeader.AsOf)
        .Takes(HeaderParameter.AtLeast, HeaderParameter.CacheControlOnList)
        .Refuses(ProblemKind.OutOfBounds, ProblemKind.CursorInvalid, ListCalls.Behind);

    internal static async Task<Ok<OrdersResponse>> List(
        string? customerId,
        string? status,
        string? reference,
        string? sku,
        string? placedAfter,
        string? placedBefore,
        bool? attention,
        string? cursor,
        int? limit,
        string? order,
        HttpContext context,
        OrderList orders)
    {
        var own = Caller.In(context).Customer;
        var (after, before) = Timestamps.RangeInQuery((placedAfter, "placedAfter"), (placedBefore, "placedBefore"));
        var filter = new OrderFilter(
            own ?? ListCalls.Name(customerId, "customerId"),
            ListCalls.Choice<OrderStatus>(status, "status"),
            ListCalls.Text(reference, "reference", Limits.ReferenceLength),
            ListCalls.Name(sku, "sku"),
            after,
            before,
            attention);
        var list = OrderPaths.Orders + ListCalls.Canonical(
            ("customerId", customerId), ("status", status), ("reference", reference), ("sku", sku),
            ("placedAfter", filter.PlacedAfter), ("placedBefore", filter.PlacedBefore), ("attention", attention));
        var (items, next) = await ListCalls.Read(context, list, PlaceOf, (cursor, limit, order), async (place, page, point) =>
            await orders.Read(
                filter, place, page.Limit, page.OldestFirst, await OwnOrders.Narrow(point, context), context.RequestAborted));

        // Of another's orders a customer hears what it would hear if there were none.
        if (own is not null && customerId is not null && customerId != own) return TypedResults.Ok(new OrdersResponse([], null));
        return TypedResults.Ok(new OrdersResponse([.. items.Select(item => OrderResponse.For(context, item))], next));
    }

    private static ListPlace? PlaceOf(string place) =>
        ListPlace.Parse(place, false) is { Id: [string id] } read && PublicId.TryParse(PublicId.Order, id, out _) ? read : null;
}

/// <summary>Orders, by when they were placed; newest first unless asked for otherwise.</summary>
/// <param name="Next">Send as "cursor" for the next page; null at the end.</param>
public sealed record OrdersResponse(IReadOnlyList<OrderResponse> Items, string? Next);

[JsonSerializable(typeof(OrdersResponse))]
internal sealed partial class OrderListJson : JsonSerializerContext;
