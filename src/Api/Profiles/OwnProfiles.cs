using Holdfast.Api.Http.Callers;

namespace Holdfast.Api.Profiles;

/// <summary>A customer's own profile is all that there is for it.</summary>
internal sealed class OwnProfiles : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        Caller.In(context.HttpContext).Customer is { } customer && IdIn(context) is var id && id != customer
            ? new(ProfileEndpoints.NotFound(id))
            : next(context);

    private static string IdIn(EndpointFilterInvocationContext context) => context.HttpContext.GetRouteValue("id") as string ?? "";
}
