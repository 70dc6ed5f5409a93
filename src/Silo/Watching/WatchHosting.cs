using Holdfast.Contracts;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Holdfast.Silo.Watching;

internal static class WatchHosting
{
    /// <summary>Lets a process, silo or front door, look after the signs of races that it meets.</summary>
    public static void AddRaceWatch(this IServiceCollection services)
    {
        services.TryAddSingleton<RaceSigns>();
        services.AddSingleton<WatchMetrics>();

        // What is injected elsewhere is the time that all silos share.
        services.AddSingleton(static _ => new ClockSteps(TimeProvider.System));
        services.AddHostedService<RaceWatch>();
    }
}
