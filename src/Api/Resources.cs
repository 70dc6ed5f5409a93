using Holdfast.Api.Http.Lists;

namespace Holdfast.Api;

/// <summary>Every resource that there is, found once; in the order of their names, so that each start has the same.</summary>
public static class Resources
{
    private static readonly IResource[] All =
    [
        .. typeof(IResource).Assembly.GetTypes()
            .Where(static type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IResource)))
            .OrderBy(static type => type.FullName, StringComparer.Ordinal)
            .Select(static type => (IResource)Activator.CreateInstance(type)!),
    ];

    /// <summary>Their bodies as JSON.</summary>
    public static void AddResources(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(new VersionScopes(
            All.SelectMany(static resource => resource.Versions).ToLookup(static kind => kind.Key, static kind => kind.Value)));
        builder.Services.ConfigureHttpJsonOptions(static options =>
        {
            // In front of the framework's own, which finds out at run time what is known here already.
            for (var i = 0; i < All.Length; i++) options.SerializerOptions.TypeInfoResolverChain.Insert(i, All[i].Json);
        });
    }

    public static void MapResources(this IEndpointRouteBuilder door)
    {
        foreach (var resource in All) resource.Map(door);
    }
}
