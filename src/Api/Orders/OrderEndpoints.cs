using System.Diagnostics;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Lists;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Preconditions;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Contracts.Orders;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Orders;

public sealed class OrderEndpoints : IResource
{
    /// <summary>Where the order is, on every answer that has one.</summary>
    public const string StatusHeader = "Holdfast-Order-Status";

    /// <summary>How the streams of orders begin.</summary>
    internal const string Kind = "order";

    public IJsonTypeInfoResolver Json => OrderJson.Default;

    public IReadOnlyDictionary<string, string> Versions { get; } = new Dictionary<string, string> { [Kind] = Scopes.OrdersRead };

    public void Map(IEndpointRouteBuilder door)
    {
        var orders = door.MapGroup(OrderPaths.Orders).Sends(ResponseHeader.ETag, ResponseHeader.Version, OrderHeaders.Status).WithTag(
            "Orders", "Goods held, money taken, goods sold: each order ends once, completed or cancelled.");
        orders.MapPost("", Place).WithName("PlaceOrder").Needs(Scopes.OrdersWrite).LetsInCustomers<OwnPlacements>()
            .WithSummary("Place an order")
            .WithDescription("202 as soon as the order is durable; it is reserved, charged and completed from there on its own. "
                + "200 with Prefer: wait=N when it ended in time, badly too: "
                + "the status in the body, and in Holdfast-Order-Status, says how.")
            .Takes(HeaderParameter.IdempotencyKey, WaitPreference.Header)
            .Sends(OrderHeaders.PreferenceApplied)
            .Refuses(ProblemKind.OutOfBounds);
        orders.MapGet("/{id}", Get).WithName("GetOrder").Needs(Scopes.OrdersRead).LetsInCustomers<OwnOrders>().WithSummary("Read an order")
            .WithDescription("Where it is, what it costs, and what became of its money.")
            .Takes(HeaderParameter.IfMatchOnRead, HeaderParameter.IfNoneMatch, HeaderParameter.CacheControl)
            .Refuses(OrderProblems.NotFound, ProblemKind.VersionMismatch);
        orders.MapPost("/{id}/cancel", Cancel).WithName("CancelOrder").Needs(Scopes.OrdersWrite).LetsInCustomers<OwnOrders>()
            .WithSummary("Cancel an order that is not charged yet")
            .WithDescription("202 while what was begun is being undone: goods are released, and money that was taken meanwhile goes back.")
            .Takes(HeaderParameter.IdempotencyKey, HeaderParameter.Fence)
            .Refuses(
                OrderProblems.NotFound, OrderProblems.AlreadyCharged, OrderProblems.NeedsAttention, OrderProblems.Erased,
                ProblemKind.OutOfBounds);

        MapVerb(
            "retry", OperatorVerb.Retry, "RetryOrder", "Try the step of a parked order again",
            "The step that was given up begins anew, with all its attempts.");
        MapVerb(
            "compensate", OperatorVerb.Compensate, "CompensateOrder", "Undo a parked order: release, return, refund",
            "It ends cancelled. A second one leaves behind what could not be undone, and says so in the order's detail.");
        MapVerb(
            "complete", OperatorVerb.Complete, "CompleteOrder", "Complete a parked order that is charged",
            "The goods are sold, whether or not the step that was given up would have sold them.");

        MapVerb(
            "resume", OperatorVerb.Resume, "ResumeOrder", "Set an order going that stands still",
            "The message of the step that it is in is sent again. An order that was not standing still takes no harm.");

        void MapVerb(string path, OperatorVerb verb, string name, string summary, string description) => orders
            .MapPost($"/{{id}}/{path}", (string id, VerbRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls) =>
                Resolve(id, path, verb, body, context, grains, calls))
            .WithName(name).Needs(Scopes.Operate).WithSummary(summary).WithDescription(description)
            .Takes(HeaderParameter.IdempotencyKey, HeaderParameter.Fence)
            .Refuses(RefusalsOf(verb));
    }

    internal static async Task<Results<Accepted<OrderResponse>, Ok<OrderResponse>, Problem>> Place(
        OrderRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls, TimeProvider clock)
    {
        var (lines, metadata) = body.CheckAndSum();
        var operation = IdempotencyKey.Operation(context, OrderPaths.Orders, body.Fingerprint(lines, metadata));
        var saga = grains.GetGrain<IOrderSaga>(PublicId.Format(PublicId.Order, operation.Id));
        var outcome = await calls.Send(
            saga,
            operation.Id,
            new PlaceOrder(operation, body.CustomerId, lines, body.PaymentToken) { Reference = body.Reference, Metadata = metadata },
            static (grain, command) => grain.Place(command),
            context.RequestAborted);

        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        if (outcome is not { Status: PlaceOrderStatus.Placed, Order: { } placed } || WaitPreference.Read(context) is not { } seconds)
            return Answer(outcome, context, waited: false);

        WaitPreference.MarkApplied(context, seconds);
        var order = await WaitForEnd(placed, TimeSpan.FromSeconds(seconds), saga, context, calls, clock);
        return Answer(outcome with { Order = order }, context, waited: true);
    }

    /// <param name="waited">The caller has waited for the end of the order, whether it has come or not.</param>
    internal static Results<Accepted<OrderResponse>, Ok<OrderResponse>, Problem> Answer(
        PlaceOrderOutcome outcome, HttpContext context, bool waited) => outcome switch
        {
            { Status: PlaceOrderStatus.Placed, Order: { Ended: true } ended } when waited => TypedResults.Ok(Body(context, ended)),
            { Status: PlaceOrderStatus.Placed, Order: { } placed } => Accepted(context, placed),
            { Status: PlaceOrderStatus.KeyReused } => IdempotencyKey.Reused,
            _ => throw new UnreachableException(outcome.ToString()),
        };

    internal static async Task<Results<Ok<OrderResponse>, StatusCodeHttpResult, Problem>> Get(
        string id, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        if (!PublicId.TryParse(PublicId.Order, id, out _)) return OrderProblems.Unknown;
        var order = await calls.Send(
            grains.GetGrain<IOrderSaga>(id), Consistency.Of(context), static (grain, consistency) => grain.Read(consistency), context.RequestAborted);
        if (order is null) return OrderProblems.Unknown;
        var body = Body(context, order);
        if (RequestConditions.IsUnchanged(context, order.Version)) return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        return TypedResults.Ok(body);
    }

    internal static Task<Results<Accepted<OrderResponse>, Ok<OrderResponse>, Problem>> Cancel(
        string id, CancelRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls) =>
        Change(id, "cancel", body.Check(), context, grains, calls, (grain, operation) => grain.Cancel(operation, body.Reason, body.Note));

    internal static Task<Results<Accepted<OrderResponse>, Ok<OrderResponse>, Problem>> Resolve(
        string id, string path, OperatorVerb verb, VerbRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls) =>
        Change(id, path, body.Check(), context, grains, calls, (grain, operation) => grain.Resolve(verb, operation, body.Note));

    private static ProblemKind[] RefusalsOf(OperatorVerb verb) => verb == OperatorVerb.Resume
        ? [OrderProblems.NotFound, OrderProblems.Ended, OrderProblems.NeedsAttention, OrderProblems.Erased, ProblemKind.OutOfBounds]
        : [OrderProblems.NotFound, OrderProblems.NotParked, OrderProblems.NotCharged, OrderProblems.BeingUndone, OrderProblems.Erased,
            ProblemKind.OutOfBounds];

    /// <summary>The order keeps the keys of what it accepted: a repeat is accepted again, whatever the order has become since.</summary>
    private static async Task<Results<Accepted<OrderResponse>, Ok<OrderResponse>, Problem>> Change(
        string id,
        string verb,
        ulong fingerprint,
        HttpContext context,
        IGrainFactory grains,
        GrainCalls calls,
        Func<IOrderSaga, Operation, ValueTask<OrderVerbOutcome>> change)
    {
        var operation = IdempotencyKey.Operation(context, $"{OrderPaths.Order(id)}/{verb}", fingerprint);
        if (!PublicId.TryParse(PublicId.Order, id, out _)) return OrderProblems.Unknown;

        var outcome = await calls.Send(grains.GetGrain<IOrderSaga>(id), operation.Id, operation, change, context.RequestAborted);
        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        return Answer(outcome, context);
    }

    internal static Results<Accepted<OrderResponse>, Ok<OrderResponse>, Problem> Answer(OrderVerbOutcome outcome, HttpContext context) =>
        outcome switch
        {
            { Status: OrderVerbStatus.Accepted, Order: { Ended: true } order } => TypedResults.Ok(Body(context, order)),
            { Status: OrderVerbStatus.Accepted, Order: { } order } => Accepted(context, order),
            { Status: OrderVerbStatus.NotFound } => OrderProblems.Unknown,
            { Status: OrderVerbStatus.KeyReused } => IdempotencyKey.Reused,
            { Status: OrderVerbStatus.AlreadyCharged } => Refused(
                OrderProblems.AlreadyCharged,
                "It is paid, or costs nothing: it is completed, or will be, or is undone on its own.",
                outcome.Order),
            { Status: OrderVerbStatus.NeedsAttention } => Refused(
                OrderProblems.NeedsAttention, "An operator decides with retry, compensate or complete.", outcome.Order),
            { Status: OrderVerbStatus.NotParked } => Refused(
                OrderProblems.NotParked,
                "These verbs are for orders that need attention; read the order to see where it is.",
                outcome.Order),
            { Status: OrderVerbStatus.Ended } => Refused(OrderProblems.Ended, "Nothing is left to do, and no money is due.", outcome.Order),
            { Status: OrderVerbStatus.Erased } => Refused(
                OrderProblems.Erased, "It has ended, and nobody is left in it who could ask for anything.", outcome.Order),
            { Status: OrderVerbStatus.NotCharged } => Refused(
                OrderProblems.NotCharged, "Only a charged order can be completed; retry it, or compensate.", outcome.Order),
            { Status: OrderVerbStatus.BeingUndone } => Refused(
                OrderProblems.BeingUndone, "Its money and goods may be on their way back already; retry that, or compensate.", outcome.Order),
            _ => throw new UnreachableException(outcome.ToString()),
        };

    private static async Task<Order> WaitForEnd(
        Order order, TimeSpan patience, IOrderSaga saga, HttpContext context, GrainCalls calls, TimeProvider clock)
    {
        var started = clock.GetTimestamp();
        while (order is { Ended: false, Status: not OrderStatus.NeedsAttention })
        {
            var left = patience - clock.GetElapsedTime(started);
            if (left <= TimeSpan.Zero) break;
            var slice = left < WaitPreference.Slice ? left : WaitPreference.Slice;
            order = await calls.Send(
                saga, slice, static (grain, slice) => grain.WaitForEnd(slice), context.RequestAborted) ?? order;
        }

        return order;
    }

    private static Accepted<OrderResponse> Accepted(HttpContext context, Order order)
    {
        var body = Body(context, order);
        return TypedResults.Accepted(OrderPaths.Order(body.Id), body);
    }

    /// <summary>The status is said in a header, too: an order that ended badly is answered with 200 all the same.</summary>
    internal static OrderResponse Body(HttpContext context, Order order)
    {
        EntityTags.Send(context, order.Version);
        ReadPoints.Send(context, Kind, PublicId.Format(PublicId.Order, order.Id), order.Version);
        context.Response.Headers[StatusHeader] = StrictJson.Text(order.Status);
        return OrderResponse.For(context, order);
    }

    private static Problem Refused(ProblemKind kind, string detail, Order? order) =>
        kind.With(detail).And(OrderProblems.Status, order?.Status);
}
