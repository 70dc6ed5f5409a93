using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Api.Reservations;

/// <summary>
/// A customer's own open holds are all that there are for it: of another's, and of one that has ended, of which nobody knows any more whose
/// it was, it hears what it would hear if there were none.
/// </summary>
internal sealed class OwnHolds : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (Caller.In(http).Customer is not { } customer) return await next(context);
        var (sku, id) = (http.GetRouteValue("sku") as string ?? "", http.GetRouteValue("id") as string ?? "");
        Checks.Path(sku, "sku");
        return await IsOf(customer, sku, id, http) ? await next(context) : ReservationProblems.Unknown;
    }

    private static async Task<bool> IsOf(string customer, string sku, string id, HttpContext http)
    {
        if (!PublicId.TryParse(PublicId.Reservation, id, out var reservation)) return false;
        var found = await http.RequestServices.GetRequiredService<GrainCalls>().Send(
            http.RequestServices.GetRequiredService<IGrainFactory>().GetGrain<IProductInventory>(sku),
            (Id: reservation, Consistency: Consistency.Of(http)),
            static (grain, read) => grain.ReadReservation(read.Id, read.Consistency),
            http.RequestAborted);
        return found?.Text?.CustomerId == customer;
    }
}

/// <summary>A customer holds units for itself.</summary>
internal sealed class OwnReserves : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var hold = context.Arguments.OfType<ReservationRequest>().Single();
        return Caller.In(context.HttpContext).Customer is { } customer && hold.CustomerId != customer
            ? new(CallerProblems.Forbidden.With("A customer holds units for itself: 'customerId' has to be the subject of the token."))
            : next(context);
    }
}
