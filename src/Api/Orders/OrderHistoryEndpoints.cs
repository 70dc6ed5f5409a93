using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Api.Shop;
using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Contracts.Orders;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Orders;

public sealed class OrderHistoryEndpoints : IResource
{
    public IJsonTypeInfoResolver Json => OrderHistoryJson.Default;

    public void Map(IEndpointRouteBuilder door) => door.MapGet(OrderPaths.Orders + "/{id}/history", List).WithTags("Orders")
        .WithName("GetOrderHistory").Needs(Scopes.OrdersRead).WithSummary("Read what happened to an order")
        .WithDescription("Newest first; with order=asc oldest first. Every change is one entry, with the note of whoever asked for it. "
            + "Of an order whose text was erased that is left, and what came after it.")
        .Takes(HeaderParameter.CacheControl)
        .Refuses(OrderProblems.NotFound, ProblemKind.OutOfBounds, ProblemKind.CursorInvalid);

    internal static async Task<Results<Ok<OrderHistoryResponse>, Problem>> List(
        string id, string? cursor, int? limit, string? order, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        var paging = Paging.Of(context, OrderPaths.Order(id) + "/history", Paging.IsNumber, cursor, limit, order);
        if (!PublicId.TryParse(PublicId.Order, id, out _)) return OrderProblems.Unknown;
        var page = await calls.Send(
            grains.GetGrain<IOrderSaga>(id),
            (Paging: paging, Consistency: Consistency.Of(context)),
            static (grain, read) => grain.ReadHistory(read.Paging.Number, read.Paging.Limit, read.Consistency, !read.Paging.OldestFirst),
            context.RequestAborted);
        return page.Exists
            ? TypedResults.Ok(new OrderHistoryResponse(Array.ConvertAll(page.Entries, OrderHistoryBody.From), paging.Next(page.Next)))
            : OrderProblems.Unknown;
    }
}

/// <summary>What happened to an order, newest first unless asked for otherwise.</summary>
/// <param name="Next">Send as "cursor" for the next page; null at the end.</param>
public sealed record OrderHistoryResponse(IReadOnlyList<OrderHistoryBody> Items, string? Next);

/// <summary>One thing that happened to an order.</summary>
/// <param name="Version">Of the order, when it had happened.</param>
/// <param name="What">A stable code: placed, reserving, reserved, charging, captured, declined, not_charged, completing, completed,
/// cancelling, goods_released, settling, refunding, refund_failing, refunded, cancelled, parked, resumed,
/// described, erased.</param>
/// <param name="Reason">Why it is cancelled, or parked: a stable code.</param>
/// <param name="Detail">What there is to know, for people.</param>
/// <param name="Amount">The order's total when its lines were reserved; what was captured, also of an order whose text was erased.</param>
/// <param name="Verb">What somebody had asked for, when that was the cause.</param>
/// <param name="Note">What whoever asked had to say.</param>
public sealed record OrderHistoryBody(
    long Version, DateTimeOffset At, string What, string? Reason, string? Detail, MoneyBody? Amount, string? Verb, string? Note)
{
    internal static OrderHistoryBody From(OrderHistoryEntry entry) => new(
        entry.Version,
        entry.At,
        entry.What,
        entry.Reason,
        entry.Detail,
        MoneyBody.From(entry.Amount),
        entry.Verb,
        entry.Note);
}
