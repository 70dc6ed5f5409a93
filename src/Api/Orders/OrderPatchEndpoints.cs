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
using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Contracts.Orders;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Orders;

public sealed class OrderPatchEndpoints : IResource
{
    public IJsonTypeInfoResolver Json => OrderPatchJson.Default;

    public void Map(IEndpointRouteBuilder door) => door.MapPatch(OrderPaths.Orders + "/{id}", Patch).WithTags("Orders")
        .WithName("PatchOrder").Needs(Scopes.OrdersWrite).WithSummary("Change an order's reference and metadata")
        .WithDescription("A JSON merge patch (RFC 7396), in whatever state the order is: nothing follows from what the shop says of it.")
        .Sends(ResponseHeader.ETag, ResponseHeader.Version, OrderHeaders.Status)
        .Accepts<OrderPatchBody>(MediaTypes.MergePatch)
        .Takes(HeaderParameter.OptionalIdempotencyKey, HeaderParameter.Fence, HeaderParameter.IfMatch, HeaderParameter.IfNoneMatchOnWrite)
        .Refuses(OrderProblems.NotFound, ProblemKind.VersionMismatch, MetadataBody.TooMuch,
            OrderProblems.TooManyChanges, OrderProblems.Erased, ProblemKind.OutOfBounds);

    internal static async Task<Results<Ok<OrderResponse>, Problem>> Patch(
        string id, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        var patch = OrderPatch.Read(await JsonBodies.Read(context));

        // Without a key it has no operation: what an order remembers is for those who repeat themselves.
        var operation = IdempotencyKey.OperationOrNone(context, OrderPaths.Order(id), patch.Fingerprint);
        if (!PublicId.TryParse(PublicId.Order, id, out _)) return OrderProblems.Unknown;

        var saga = grains.GetGrain<IOrderSaga>(id);
        var outcome = await RequestConditions.Of(context).Write(
            async () => (await calls.Send(
                saga, Consistency.Of(context), static (grain, consistency) => grain.Read(consistency), context.RequestAborted))?.Version,
            condition => calls.Send(
                saga, patch.On(operation, condition.Version), static (grain, command) => grain.Describe(command), context.RequestAborted),
            static outcome => outcome.Status == DescribeOrderStatus.VersionMismatch);

        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        return Answer(outcome, context);
    }

    internal static Results<Ok<OrderResponse>, Problem> Answer(DescribeOrderOutcome outcome, HttpContext context) => outcome switch
    {
        { Status: DescribeOrderStatus.Described, Order: { } order } => TypedResults.Ok(OrderEndpoints.Body(context, order)),
        { Status: DescribeOrderStatus.NotFound } => OrderProblems.Unknown,
        { Status: DescribeOrderStatus.VersionMismatch } => EntityTags.Mismatch(outcome.Order?.Version),
        { Status: DescribeOrderStatus.TooManyEntries } => MetadataBody.TooMany,
        { Status: DescribeOrderStatus.TooOften } => OrderProblems.TooManyChanges.With(
            "Keep what changes so often elsewhere, under the order's id."),
        { Status: DescribeOrderStatus.Erased } => OrderProblems.Erased.With("No other text takes the place of what was erased.")
            .And(OrderProblems.Status, outcome.Order?.Status),
        { Status: DescribeOrderStatus.KeyReused } => IdempotencyKey.Reused,
        _ => throw new UnreachableException(outcome.ToString()),
    };
}
