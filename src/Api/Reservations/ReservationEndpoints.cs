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
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Reservations;

public sealed class ReservationEndpoints : IResource
{
    /// <summary>A reserve that reaches its product later than this after it came in is refused, never executed.</summary>
    public static readonly TimeSpan ReserveDeadline = TimeSpan.FromSeconds(30);

    public IJsonTypeInfoResolver Json => ReservationJson.Default;

    public void Map(IEndpointRouteBuilder door)
    {
        var reservations = door.MapGroup(ReservationPaths.Route).WithTag(
            "Reservations", "Units of one product held for a while, then sold, given back, or expired.");
        reservations.MapPost("", Reserve).WithName("Reserve").Needs(Scopes.OrdersWrite).LetsInCustomers<OwnReserves>()
            .WithSummary("Hold units for a while")
            .WithDescription("All of the units or none. Nobody else can have them until the hold is committed, released, or expires.")
            .Takes(HeaderParameter.IdempotencyKey, HeaderParameter.Fence)
            .Refuses(
                ProductOwner.Unknown, ReservationProblems.InsufficientStock, ReservationProblems.Archived, ReservationProblems.TooMany,
                ReservationProblems.Released, ProblemKind.OutOfBounds);
        reservations.MapGet("/{id}", Get).WithName("GetReservation").Needs(Scopes.OrdersRead).LetsInCustomers<OwnHolds>()
            .WithSummary("Read a reservation")
            .WithDescription("Also one that has ended, until it is forgotten; a customer reads its own as long as they are open.")
            .Takes(HeaderParameter.CacheControl)
            .Refuses(ReservationProblems.NotFound);
    }

    internal static async Task<Results<Created<ReservationResponse>, Problem>> Reserve(
        string sku, ReservationRequest body, HttpContext context, IGrainFactory grains, GrainCalls calls, TimeProvider clock)
    {
        Checks.Path(sku, "sku");
        body.Check();
        var operation = IdempotencyKey.Operation(context, ReservationPaths.Reservations(sku), body.Fingerprint);
        var outcome = await calls.Send(
            grains.GetGrain<IProductInventory>(sku),
            operation.Id,
            new ReserveStock(operation, body.Quantity, body.Ttl, clock.GetUtcNow() + ReserveDeadline)
            {
                Within = ReserveDeadline,
                Text = body.Text,
            },
            static (grain, command) => grain.Reserve(command),
            context.RequestAborted);

        IdempotencyKey.MarkReplayed(context, outcome.Replayed);
        return Answer(outcome, sku, body.Quantity);
    }

    internal static Results<Created<ReservationResponse>, Problem> Answer(ReserveOutcome outcome, string sku, long quantity) =>
        outcome switch
        {
            { Status: ReserveStatus.Reserved, Reservation: { } made } => Created(sku, ReservationResponse.From(made)),
            { Status: ReserveStatus.InsufficientStock } => Insufficient(quantity, outcome.Available),
            { Status: ReserveStatus.UnknownProduct } => ProductOwner.NotFound(sku),
            { Status: ReserveStatus.Released } => ReservationProblems.Released.With("Reserve again with a new key."),
            { Status: ReserveStatus.DeadlinePassed } => new Problem(
                ProblemKind.Unavailable, "The product could not be asked in time; nothing is held. Repeat the request.")
            {
                RetryAfter = GrainCalls.RetryAfter,
            },
            { Status: ReserveStatus.TooManyReservations } => ReservationProblems.TooMany.With(
                "Reserve again, with a new key, when some of its reservations are committed, released or expired."),
            { Status: ReserveStatus.Archived } => ReservationProblems.Archived.With(
                "It can be reserved again when its \"archived\" is false; what is held already may still be committed."),
            { Status: ReserveStatus.KeyReused } => IdempotencyKey.Reused,
            _ => throw new UnreachableException(outcome.ToString()),
        };

    internal static async Task<Results<Ok<ReservationResponse>, Problem>> Get(
        string sku, string id, HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        Checks.Path(sku, "sku");
        if (!PublicId.TryParse(PublicId.Reservation, id, out var reservation)) return ReservationProblems.Unknown;

        return await calls.Send(
            grains.GetGrain<IProductInventory>(sku),
            (Id: reservation, Consistency: Consistency.Of(context)),
            static (grain, read) => grain.ReadReservation(read.Id, read.Consistency),
            context.RequestAborted) is { } found
            ? TypedResults.Ok(ReservationResponse.From(found))
            : ReservationProblems.Unknown;
    }

    private static Created<ReservationResponse> Created(string sku, ReservationResponse made) =>
        TypedResults.Created(ReservationPaths.Reservation(PathSegment.Escape(sku), made.Id), made);

    private static Problem Insufficient(long asked, long available) =>
        ReservationProblems.InsufficientStock
            .With($"{available} of the {asked} units are available. Ask for fewer, with a new key, or wait for stock.")
            .And(ReservationProblems.Shortfall, asked - available)
            .And(ProductOwner.Available, available);
}
