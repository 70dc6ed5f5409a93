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

namespace Holdfast.Api.Sandbox;

/// <param name="Next">Send as "cursor" for the next page; null at the end.</param>
public sealed record ChargesResponse(IReadOnlyList<ChargeBody> Items, string? Next);

/// <summary>One charge that the sandbox gateway has answered.</summary>
/// <param name="Number">Ascending in the order in which the gateway answered.</param>
/// <param name="Status">captured or declined.</param>
/// <param name="Refunded">Minor units given back so far.</param>
public sealed record ChargeBody(
    long Number, string Id, string OrderId, MoneyBody Amount, string Status, long Refunded, DateTimeOffset At)
{
    internal static ChargeBody From(SandboxCharge charge) =>
        new(charge.Number, charge.Id, charge.OrderId, MoneyBody.From(charge.Amount), charge.Status, charge.Refunded, charge.At);
}

public sealed class SandboxEndpoints : IResource
{
    private const string Charges = "/v1/sandbox/charges";

    public IJsonTypeInfoResolver Json => SandboxJson.Default;

    public void Map(IEndpointRouteBuilder door) =>
        door.MapGet(Charges, List)
            .WithTag("Sandbox", "The built-in payment gateway, as the bank would tell it.")
            .WithName("ListSandboxCharges").Needs(Scopes.Operate)
            .WithSummary("Read the ledger of the built-in payment gateway, oldest first")
            .WithDescription("What it captured, declined and gave back. It is there only while the sandbox is the gateway.")
            .Refuses(ProblemKind.OutOfBounds, ProblemKind.CursorInvalid);

    /// <param name="orderId">Only the charges of this order.</param>
    internal static async Task<Ok<ChargesResponse>> List(
        string? orderId, string? cursor, int? limit, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        var checks = new Checks();
        checks.Require(
            orderId is null || PublicId.TryParse(PublicId.Order, orderId, out _),
            RequestError.InParameter("orderId", ErrorCodes.InvalidId, "must be the id of an order: ord_ and 32 hexadecimal digits"));
        checks.Refuse();

        var paging = Paging.Of(context, $"{Charges}?{orderId}", Paging.IsNumber, cursor, limit);
        var charges = await calls.Send(
            grains.GetGrain<ISandboxGateway>(0),
            (orderId, paging),
            static (gateway, ask) => gateway.ReadCharges(ask.orderId, ask.paging.Number, ask.paging.Limit),
            context.RequestAborted);

        var next = paging.Next(charges.Length == paging.Limit ? charges[^1].Number : null);
        return TypedResults.Ok(new ChargesResponse([.. charges.Select(ChargeBody.From)], next));
    }
}
