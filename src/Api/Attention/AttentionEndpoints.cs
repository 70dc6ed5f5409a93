using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Holdfast.Contracts.Orders;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Attention;

public sealed class AttentionEndpoints : IResource
{
    private const string AttentionPath = "/v1/attention";
    private const string DeadLettersPath = "/v1/dead-letters";

    public IJsonTypeInfoResolver Json => AttentionJson.Default;

    public void Map(IEndpointRouteBuilder door)
    {
        var operators = door.MapGroup("").WithTags("Attention");
        operators.MapGet(AttentionPath, Attention).WithName("ListAttention")
            .WithSummary("List the orders that need an operator")
            .WithDescription("Those that are parked, and those whose refund does not get through. Sorted by id, which never changes.")
            .Refuses(ProblemKind.OutOfBounds, ProblemKind.CursorInvalid);
        operators.MapGet(DeadLettersPath, DeadLetters).WithName("ListDeadLetters")
            .WithSummary("List the messages that were given up, newest first")
            .Refuses(ProblemKind.OutOfBounds);
    }

    internal static async Task<Ok<AttentionResponse>> Attention(
        string? cursor, int? limit, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        var paging = Paging.Of(context, AttentionPath, static place => PublicId.TryParse(PublicId.Order, place, out _), cursor, limit);
        var page = await calls.Send(
            grains.GetGrain<IAttentionDesk>(0),
            (After: paging.Place ?? "", paging.Limit),
            static (grain, read) => grain.ReadOrders(read.After, read.Limit),
            context.RequestAborted);
        return TypedResults.Ok(new AttentionResponse(
            Array.ConvertAll(page.Orders, AttentionBody.From), paging.Next(page.More ? page.Orders[^1].OrderId : null)));
    }

    internal static async Task<Ok<DeadLettersResponse>> DeadLetters(int? limit, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        var letters = await calls.Send(
            grains.GetGrain<IAttentionDesk>(0),
            Paging.Of(context, DeadLettersPath, Paging.IsNumber, null, limit).Limit,
            static (grain, limit) => grain.ReadDeadLetters(limit),
            context.RequestAborted);
        return TypedResults.Ok(new DeadLettersResponse(Array.ConvertAll(letters, DeadLetterBody.From)));
    }
}

/// <summary>Orders that need an operator, sorted by id.</summary>
/// <param name="Next">Send as "cursor" for the next page; null at the end.</param>
public sealed record AttentionResponse(IReadOnlyList<AttentionBody> Items, string? Next);

/// <param name="OrderId"><c>ord_…</c></param>
/// <param name="Since">When it came to need attention.</param>
/// <param name="Reason">A stable code: that of the parked order, or refund_failing.</param>
/// <param name="Detail">Which step failed, and how.</param>
public sealed record AttentionBody(string OrderId, DateTimeOffset Since, string Reason, string Detail)
{
    internal static AttentionBody From(NeedyOrder order) => new(order.OrderId, order.Since, order.Reason, order.Detail);
}

/// <summary>The newest messages that were given up.</summary>
public sealed record DeadLettersResponse(IReadOnlyList<DeadLetterBody> Items);

/// <summary>A message whose handler failed too often, or that nobody knew.</summary>
/// <param name="Type">What it asked for: order.reserve, order.charge, order.complete, order.undo or order.refund.</param>
/// <param name="Stream">Who sent it: order/ and the order's id.</param>
/// <param name="Attempts">How often its handler had failed before the last run.</param>
/// <param name="Error">How the last run failed.</param>
public sealed record DeadLetterBody(
    Guid Id, string Type, string Stream, int Attempts, DateTimeOffset SentAt, DateTimeOffset GivenUpAt, string Error)
{
    internal static DeadLetterBody From(GivenUpMessage letter) =>
        new(letter.Id, letter.Type, letter.Stream, letter.Attempts, letter.SentAt, letter.GivenUpAt, letter.Error);
}
