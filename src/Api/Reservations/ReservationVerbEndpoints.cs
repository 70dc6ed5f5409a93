using System.Diagnostics;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Api.Shop;
using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Contracts.Inventory;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Reservations;

/// <summary>What can be asked of a reservation: to be sold, given back, or held for longer.</summary>
public sealed class ReservationVerbEndpoints : IResource
{
    public IJsonTypeInfoResolver Json => ReservationJson.Default;

    public void Map(IEndpointRouteBuilder door)
    {
        var reservation = door.MapGroup(ReservationPaths.Route + "/{id}").WithTags("Reservations");
        reservation.MapPost("/commit", Commit).WithName("CommitReservation").Needs(Scopes.OrdersWrite)
            .WithSummary("Turn a hold into a sale")
            .Sends(ResponseHeader.Version)
            .WithDescription("All of it, or with \"quantity\" a part: then the rest is released with it. "
                + "A hold that has expired is still sold when there is enough free stock.")
            .Takes(HeaderParameter.IdempotencyKey, HeaderParameter.Fence)
            .Refuses(
                ReservationProblems.NotFound, ReservationProblems.AlreadyCommitted, ReservationProblems.AlreadyReleased,
                ReservationProblems.Expired, ProblemKind.OutOfBounds);
        reservation.MapPost("/release", Release).WithName("ReleaseReservation").Needs(Scopes.OrdersWrite).LetsInCustomers()
            .WithSummary("Give a hold back")
            .WithDescription("The units are available again. What was released already is so again.")
            .Takes(HeaderParameter.IdempotencyKey, HeaderParameter.Fence)
            .Refuses(ReservationProblems.NotFound, ReservationProblems.AlreadyCommitted, ReservationProblems.Expired);
        reservation.MapPost("/extend", Extend).WithName("ExtendReservation").Needs(Scopes.OrdersWrite).LetsInCustomers()
            .WithSummary("Let a hold last longer")
            .WithDescription("It lasts until the given time from now, or as long as before if that is later. What has ended is over.")
            .Takes(HeaderParameter.IdempotencyKey, HeaderParameter.Fence)
            .Refuses(
                ReservationProblems.NotFound, ReservationProblems.AlreadyCommitted, ReservationProblems.AlreadyReleased,
                ReservationProblems.Expired, ProblemKind.OutOfBounds);
    }

    internal static Task<Results<Ok<ReservationResponse>, Problem>> Commit(
        string sku, string id, CommitRequest? body, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        // A commit of all needs no body; one that is there and says nothing is a mistake.
        if (body is null && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
            throw Checks.Unreadable(RequestError.InBody("", ErrorCodes.Null, "must not be null"));
        body ??= new CommitRequest();
        Checks.Path(sku, "sku");
        body.Check();
        return Ask(
            (sku, id, "commit", body.Fingerprint),
            (operation, reservation) => new ReservationCommand(reservation) { Operation = operation, Quantity = body.Quantity },
            static (grain, command) => grain.Commit(command),
            context,
            grains,
            calls);
    }

    internal static Task<Results<Ok<ReservationResponse>, Problem>> Release(
        string sku, string id, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        Checks.Path(sku, "sku");
        var customer = Caller.In(context).Customer;
        return Ask(
            (sku, id, "release", new Fingerprint().Value),
            (operation, reservation) => new ReservationCommand(reservation) { Operation = operation, OnlyOf = customer },
            static (grain, command) => grain.Release(command),
            context,
            grains,
            calls);
    }

    internal static Task<Results<Ok<ReservationResponse>, Problem>> Extend(
        string sku, string id, ExtendRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        Checks.Path(sku, "sku");
        body.Check();
        var (customer, ttl) = (Caller.In(context).Customer, TimeSpan.FromSeconds(body.TtlSeconds));
        return Ask(
            (sku, id, "extend", body.Fingerprint),
            (operation, reservation) => new ExtendReservation(operation, reservation, ttl) { OnlyOf = customer },
            static (grain, command) => grain.Extend(command),
            context,
            grains,
            calls);
    }

    internal static Results<Ok<ReservationResponse>, Problem> Answer(ReservationOutcome outcome) => outcome switch
    {
        { Status: ReservationOutcomeStatus.Done, Reservation: { } now } => TypedResults.Ok(ReservationResponse.From(now)),
        { Status: ReservationOutcomeStatus.NotFound } => ReservationProblems.Unknown,
        { Status: ReservationOutcomeStatus.AlreadyCommitted } => Refused(
            ReservationProblems.AlreadyCommitted,
            "Units of it are sold, and what else was held is free; take them back with an adjustment if they return.",
            outcome.Reservation),
        { Status: ReservationOutcomeStatus.AlreadyReleased } => Refused(
            ReservationProblems.AlreadyReleased, "Reserve the units again.", outcome.Reservation),
        { Status: ReservationOutcomeStatus.Expired } => Refused(
            ReservationProblems.Expired,
            "The hold ended and its units are not kept for it; reserve again if there are any left.",
            outcome.Reservation),
        { Status: ReservationOutcomeStatus.QuantityTooLarge, Reservation: { } held } => Problem.Of(
            ProblemKind.OutOfBounds,
            [RequestError.InBody("/quantity", ErrorCodes.OutOfRange, $"must be 1 to {held.Quantity}, which is what was held")]),
        { Status: ReservationOutcomeStatus.KeyReused } => IdempotencyKey.Reused,
        _ => throw new UnreachableException(outcome.ToString()),
    };

    /// <param name="asked">Of which product's which reservation, and what; with a hash of what else was said.</param>
    /// <param name="command">Makes it, with the request's operation.</param>
    private static async Task<Results<Ok<ReservationResponse>, Problem>> Ask<TCommand>(
        (string Sku, string Id, string Verb, ulong Fingerprint) asked,
        Func<Operation, Guid, TCommand> command,
        Func<IProductInventory, TCommand, ValueTask<ReservationOutcome>> verb,
        HttpContext context,
        IGrainFactory grains,
        GrainCalls calls)
    {
        var path = $"{ReservationPaths.Reservation(asked.Sku, asked.Id)}/{asked.Verb}";
        var operation = IdempotencyKey.Operation(context, path, asked.Fingerprint);
        if (!PublicId.TryParse(PublicId.Reservation, asked.Id, out var reservation)) return ReservationProblems.Unknown;

        var outcome = await calls.Send(
            grains.GetGrain<IProductInventory>(asked.Sku),
            operation.Id,
            command(operation, reservation),
            verb,
            context.RequestAborted);

        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        if (asked.Verb == "commit" && outcome.StockVersion > 0) ProductOwner.SendVersion(context, asked.Sku, outcome.StockVersion);
        return Answer(outcome);
    }

    private static Problem Refused(ProblemKind kind, string detail, Reservation? reservation) =>
        kind.With(detail).And(ReservationProblems.Status, reservation?.Status);
}
