using System.Diagnostics;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Preconditions;
using Holdfast.Api.Http.Problems;
using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Contracts.Orders;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Orders;

public sealed class OrderErasureEndpoints : IResource
{
    public IJsonTypeInfoResolver Json => OrderJson.Default;

    public void Map(IEndpointRouteBuilder door) => door.MapDelete(OrderPaths.Orders + "/{id}", Delete).WithTags("Orders")
        .WithName("DeleteOrder").Needs(Scopes.OrdersWrite).WithSummary("Erase the text of an order that has ended")
        .WithDescription("Customer, reference, metadata and notes go, and everything that was ever stored of them; what it sold for, and "
            + "what became of the money, stays. 409 while it goes on, or while money or a charge can still come. "
            + "It is the same however often it is asked for.")
        .Takes(HeaderParameter.OptionalIdempotencyKey, HeaderParameter.Fence, HeaderParameter.IfMatch, HeaderParameter.IfNoneMatchOnWrite)
        .Refuses(OrderProblems.NotFound, ProblemKind.VersionMismatch, OrderProblems.NotEnded, OrderProblems.NotSettled);

    internal static async Task<Results<NoContent, Problem>> Delete(string id, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        // Without a key it has no operation: the order itself says that it is erased.
        var operation = IdempotencyKey.OperationOrNone(context, OrderPaths.Order(id), new Fingerprint().Value);
        if (!PublicId.TryParse(PublicId.Order, id, out _)) return OrderProblems.Unknown;

        var saga = grains.GetGrain<IOrderSaga>(id);
        var outcome = await RequestConditions.Of(context).Write(
            async () => (await calls.Send(
                saga, Consistency.Of(context), static (grain, consistency) => grain.Read(consistency), context.RequestAborted))?.Version,
            condition => calls.Send(
                saga,
                new EraseOrder(operation, condition.Version),
                static (grain, command) => grain.Erase(command),
                context.RequestAborted),
            static outcome => outcome.Status == EraseOrderStatus.VersionMismatch);

        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        return Answer(outcome);
    }

    internal static Results<NoContent, Problem> Answer(EraseOrderOutcome outcome) => outcome.Status switch
    {
        EraseOrderStatus.Erased => TypedResults.NoContent(),
        EraseOrderStatus.NotFound => OrderProblems.Unknown,
        EraseOrderStatus.VersionMismatch => EntityTags.Mismatch(outcome.Order?.Version),
        EraseOrderStatus.NotEnded => OrderProblems.NotEnded.With("Cancel it, or wait until it has ended; then erase it.")
            .And(OrderProblems.Status, outcome.Order?.Status),
        EraseOrderStatus.RefundIsDue => OrderProblems.NotSettled
            .With("Its money is still to go back. Erase it when the payment is refunded.")
            .And(OrderProblems.Status, outcome.Order?.Status),
        EraseOrderStatus.ChargeMayCome => OrderProblems.NotSettled
            .With("The gateway knew of no charge, and one that was slow could still come. Erase it after \"settledAt\".")
            .And(OrderProblems.Status, outcome.Order?.Status)
            .And(OrderProblems.SettledAt, outcome.SettledAt),
        EraseOrderStatus.KeyReused => IdempotencyKey.Reused,
        _ => throw new UnreachableException(outcome.Status.ToString()),
    };
}
