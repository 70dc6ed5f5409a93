using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;
using Orleans.Serialization.TypeSystem;

namespace Holdfast.Grains;

/// <summary>
/// What <c>GetGrain</c> needs to know of an interface, looked up once. Orleans reads the interface's attributes and composes its name
/// anew on each call: 2 µs, and an order of 21 lines makes 45 such calls.
/// </summary>
internal sealed class KnownInterfaceTypes : IGrainInterfaceTypeProvider
{
    private readonly ConcurrentDictionary<Type, GrainInterfaceType> _known = new();
    private readonly Func<Type, GrainInterfaceType> _lookUp;

    public KnownInterfaceTypes(IServiceProvider services)
    {
        var resolver = new Lazy<GrainInterfaceTypeResolver>(() => new(
            services.GetServices<IGrainInterfaceTypeProvider>().Where(provider => provider != this),
            services.GetRequiredService<TypeConverter>()));
        _lookUp = type => resolver.Value.GetGrainInterfaceType(type);
    }

    public bool TryGetGrainInterfaceType(Type type, [NotNullWhen(true)] out GrainInterfaceType grainInterfaceType)
    {
        grainInterfaceType = _known.GetOrAdd(type, _lookUp);
        return true;
    }
}
