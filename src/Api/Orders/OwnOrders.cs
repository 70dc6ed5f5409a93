using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Calls;
using Holdfast.Contracts;
using Holdfast.Contracts.Orders;
using Holdfast.Views.Lists;

namespace Holdfast.Api.Orders;

/// <summary>A customer's own orders are all that there is for it: of another's it hears what it would hear if there were none.</summary>
internal sealed class OwnOrders : IEndpointFilter
{
    private const string Streams = $"{OrderEndpoints.Kind}/";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (Caller.In(http).Customer is not { } customer) return await next(context);
        return http.GetRouteValue("id") is string id && await IsOf(customer, id, http) ? await next(context) : OrderProblems.Unknown;
    }

    /// <summary>
    /// How far a list has to be for a customer: past what it has seen of its own orders. To wait for anything else would tell it how far
    /// that is.
    /// </summary>
    public static async Task<ReadPoint> Narrow(ReadPoint point, HttpContext context)
    {
        if (Caller.In(context).Customer is not { } customer) return point;
        var own = await Task.WhenAll(point.Versions.Select(seen => seen.Stream.StartsWith(Streams, StringComparison.Ordinal)
            ? IsOf(customer, seen.Stream[Streams.Length..], context)
            : Task.FromResult(false)));
        return point with { Versions = [.. point.Versions.Where((_, index) => own[index])] };
    }

    private static async Task<bool> IsOf(string customer, string id, HttpContext http)
    {
        if (!PublicId.TryParse(PublicId.Order, id, out _)) return false;
        var order = await http.RequestServices.GetRequiredService<GrainCalls>().Send(
            http.RequestServices.GetRequiredService<IGrainFactory>().GetGrain<IOrderSaga>(id),
            Consistency.Of(http),
            static (grain, consistency) => grain.Read(consistency),
            http.RequestAborted);
        return order?.CustomerId == customer;
    }
}
