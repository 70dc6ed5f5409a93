using Orleans.Dashboard;

namespace Holdfast.Silo;

public static class HoldfastSiloExtensions
{
    public static IHostApplicationBuilder AddHoldfastSilo(this IHostApplicationBuilder builder)
    {
        builder.UseOrleans(silo => silo.UseLocalhostClustering().AddDashboard());
        return builder;
    }
}
