namespace Holdfast.Api.Http.Callers;

/// <summary>Who may call an endpoint. One that says nothing lets nobody in.</summary>
/// <param name="Scope">What a caller has to be allowed; null where being a caller is enough.</param>
/// <param name="IsOpen">Nobody is asked who it is.</param>
internal sealed record Access(string? Scope, bool IsOpen = false);

/// <summary>The endpoint keeps a customer from everything that is not its own; without this it lets no customer in.</summary>
internal sealed class CustomersToo
{
    public static readonly CustomersToo Instance = new();
}

internal static class AccessRules
{
    /// <summary>Lets in who has the scope.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder endpoint, string scope)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new Access(scope));

    /// <summary>Lets in who is known, whatever it may do.</summary>
    public static TBuilder NeedsCaller<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new Access(null));

    /// <summary>Lets in everybody.</summary>
    public static TBuilder OpenToAll<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new Access(null, IsOpen: true));

    /// <summary>Lets in customers who have the scope, too, each of whom the filter keeps to what is its own.</summary>
    public static RouteHandlerBuilder LetsInCustomers<TFilter>(this RouteHandlerBuilder endpoint)
        where TFilter : IEndpointFilter, new() => endpoint.LetsInCustomers().AddEndpointFilter(new TFilter());

    /// <summary>The same, of an endpoint that keeps each of them to what is its own by itself.</summary>
    public static RouteHandlerBuilder LetsInCustomers(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(CustomersToo.Instance);
}
