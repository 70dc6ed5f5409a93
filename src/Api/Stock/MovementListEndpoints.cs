using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Lists;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Contracts.Inventory;
using Holdfast.Views.Lists;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Stock;

public sealed class MovementListEndpoints : IResource
{
    private const string Path = "/v1/movements";

    public IJsonTypeInfoResolver Json => MovementListJson.Default;

    public void Map(IEndpointRouteBuilder door) => door.MapGet(Path, List).WithTags("Stock")
        .WithName("ListAllMovements").Needs(Scopes.StockRead).WithSummary("Find movements of all products")
        .WithDescription("By when they were recorded, newest first; with order=asc oldest first. Filters narrow the list together: kind "
            + "(adjusted, set, sold, returned or superseded), reference, from (then or later), to (earlier).")
        .Sends(ResponseHeader.AsOf)
        .Takes(HeaderParameter.AtLeast, HeaderParameter.CacheControlOnList)
        .Refuses(ProblemKind.OutOfBounds, ProblemKind.CursorInvalid, ListCalls.Behind);

    internal static async Task<Ok<AllMovementsResponse>> List(
        string? kind,
        string? reference,
        string? from,
        string? to,
        string? cursor,
        int? limit,
        string? order,
        HttpContext context,
        MovementList movements)
    {
        var (since, until) = Timestamps.RangeInQuery((from, "from"), (to, "to"));
        var filter = new MovementListFilter(
            ListCalls.OneOf(kind, "kind", MovementKind.All),
            ListCalls.Text(reference, "reference", Limits.TextLength),
            since,
            until);
        var list = Path + ListCalls.Canonical(("kind", kind), ("reference", reference), ("from", filter.From), ("to", filter.To));
        var (items, next) = await ListCalls.Read(context, list, PlaceOf, (cursor, limit, order), (after, page, point) => movements.Read(
            filter, after, page.Limit, page.OldestFirst, point, context.RequestAborted));
        return TypedResults.Ok(new AllMovementsResponse([.. items.Select(SkuMovementBody.From)], next));
    }

    private static ListPlace? PlaceOf(string place) =>
        ListPlace.Parse(place, false, true) is { Id: [string sku, long] } read && Names.IsName(sku) ? read : null;
}

/// <summary>Movements of all products, newest first unless asked for otherwise.</summary>
/// <param name="Next">Send as "cursor" for the next page; null at the end.</param>
public sealed record AllMovementsResponse(IReadOnlyList<SkuMovementBody> Items, string? Next);

/// <summary>One immutable line of the ledger of what is on hand.</summary>
/// <param name="Version">The line's place in the product's history; unique there, and ascending, not gapless.</param>
/// <param name="Kind">adjusted, set, sold, returned or superseded.</param>
/// <param name="OnHand">After the movement.</param>
/// <param name="Reservation">For sold and returned: which.</param>
/// <param name="EffectiveAt">Since when it has been so, where that is not when it was recorded.</param>
/// <param name="Source">Who told it, where that is a source with numbers of its own.</param>
/// <param name="Sequence">The source's number.</param>
public sealed record SkuMovementBody(
    string Sku,
    long Version,
    DateTimeOffset At,
    string Kind,
    long Delta,
    long OnHand,
    string? Reason,
    string? Reference,
    string? Reservation,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? EffectiveAt = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Source = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Sequence = null)
{
    internal static SkuMovementBody From(ProductMovement line) => new(
        line.Sku,
        line.Movement.Version,
        line.Movement.At,
        line.Movement.Kind,
        line.Movement.Delta,
        line.Movement.OnHand,
        line.Movement.Reason,
        line.Movement.Reference,
        line.Movement.Reservation is { } id ? PublicId.Format(PublicId.Reservation, id) : null,
        line.Movement.EffectiveAt,
        line.Movement.Number?.Source,
        line.Movement.Number?.Sequence);
}

[JsonSerializable(typeof(AllMovementsResponse))]
internal sealed partial class MovementListJson : JsonSerializerContext;
