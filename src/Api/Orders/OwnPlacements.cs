using Holdfast.Api.Http.Callers;

namespace Holdfast.Api.Orders;

/// <summary>A customer orders for itself.</summary>
internal sealed class OwnPlacements : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var order = context.Arguments.OfType<OrderRequest>().Single();
        return Caller.In(context.HttpContext).Customer is { } customer && order.CustomerId != customer
            ? new(CallerProblems.Forbidden.With("A customer orders for itself: 'customerId' has to be the subject of the token."))
            : next(context);
    }
}
