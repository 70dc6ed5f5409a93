using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
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
        var operators = door.MapGroup("").WithTag("Attention", "What a machine could not decide, and waits for an operator.");
        operators.MapGet(AttentionPath, Attention).WithName("ListAttention").Needs(Scopes.Operate)
            .WithSummary("List the orders that need an operator")
            .WithDescription("Those that are parked, those whose refund does not get through, and those of which a step is tried again by "
                + "itself (reason retrying). Sorted by id, which never changes.")
            .Refuses(ProblemKind.OutOfBounds, ProblemKind.CursorInvalid);
        operators.MapGet(DeadLettersPath, DeadLetters).WithName("ListDeadLetters").Needs(Scopes.Operate)
            .WithSummary("List the messages that were given up, newest first")
            .WithDescription("Each belongs to an order that needs attention, or did: a verb sends what is to be done anew.")
            .Refuses(ProblemKind.OutOfBounds, ProblemKind.CursorInvalid);
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

    internal static async Task<Ok<DeadLettersResponse>> DeadLetters(
        string? cursor, int? limit, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        var paging = Paging.Of(context, DeadLettersPath, static place => PlaceOf(place) is not null, cursor, limit);
        var letters = await calls.Send(
            grains.GetGrain<IAttentionDesk>(0),
            (Before: paging.Place is { } place ? PlaceOf(place) : null, Limit: paging.Limit + 1),
            static (grain, read) => grain.ReadDeadLetters(read.Before, read.Limit),
            context.RequestAborted);
        var page = letters.Take(paging.Limit).ToArray();
        return TypedResults.Ok(new DeadLettersResponse(
            Array.ConvertAll(page, DeadLetterBody.From), paging.Next(letters.Length > page.Length ? PlaceOf(page[^1]) : null)));
    }

    private static string PlaceOf(GivenUpMessage letter) => $"{letter.GivenUpAt.ToUnixTimeMilliseconds()} {letter.Id:N}";

    private static GivenUpPlace? PlaceOf(string place) =>
        place.Split(' ') is [var time, var id] && Paging.IsNumber(time) && Guid.TryParseExact(id, "N", out var guid)
            && long.Parse(time, CultureInfo.InvariantCulture) <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? new(DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(time, CultureInfo.InvariantCulture)), guid)
            : null;
}

/// <summary>Orders that need an operator, sorted by id.</summary>
/// <param name="Next">Send as "cursor" for the next page; null at the end.</param>
public sealed record AttentionResponse(IReadOnlyList<AttentionBody> Items, string? Next);

/// <param name="OrderId"><c>ord_…</c></param>
/// <param name="Since">When it came to need attention.</param>
/// <param name="Reason">A stable code: that of the parked order, refund_failing, or retrying.</param>
/// <param name="Detail">Which step failed, and how.</param>
/// <param name="Retrying">The step that is tried again by itself; null for none.</param>
public sealed record AttentionBody(string OrderId, DateTimeOffset Since, string Reason, string Detail, RetryingBody? Retrying)
{
    internal static AttentionBody From(NeedyOrder order) =>
        new(order.OrderId, order.Since, order.Reason, order.Detail, RetryingBody.From(order.Retrying));
}

/// <summary>A step that is tried again by itself.</summary>
/// <param name="Step">order.reserve, order.charge, order.complete, order.undo or order.refund.</param>
/// <param name="Since">When it was asked for.</param>
/// <param name="Attempts">Runs that failed; one that could not do its work yet, through no fault of its own, is not counted.</param>
/// <param name="LastError">Why the last run did not finish it.</param>
public sealed record RetryingBody(string Step, DateTimeOffset Since, int Attempts, DateTimeOffset NextTryAt, string LastError)
{
    internal static RetryingBody? From(RetryingStep? step) =>
        step is null ? null : new(step.Type, step.Since, step.Attempts, step.NextTryAt, step.LastError);
}

/// <summary>Messages that were given up, newest first.</summary>
/// <param name="Next">Send as "cursor" for the next page; null at the end.</param>
public sealed record DeadLettersResponse(IReadOnlyList<DeadLetterBody> Items, string? Next);

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
