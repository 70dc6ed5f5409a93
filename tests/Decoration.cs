using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Tests;

/// <summary>Wraps services that are already registered, at the seams the product has anyway.</summary>
internal static class Decoration
{
    public static IServiceCollection Decorate<TService>(this IServiceCollection services, Func<TService, TService> wrap)
        where TService : class
    {
        for (var i = 0; i < services.Count; i++)
        {
            var inner = services[i];
            if (inner.ServiceType != typeof(TService) || inner.IsKeyedService) continue;
            services[i] = ServiceDescriptor.Singleton(provider => wrap((TService)Create(provider, inner)));
        }

        return services;
    }

    private static object Create(IServiceProvider provider, ServiceDescriptor descriptor) =>
        descriptor.ImplementationInstance
        ?? descriptor.ImplementationFactory?.Invoke(provider)
        ?? ActivatorUtilities.CreateInstance(provider, descriptor.ImplementationType!);
}
