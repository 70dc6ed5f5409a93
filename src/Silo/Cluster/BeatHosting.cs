using Holdfast.Journal;
using Holdfast.Journal.Postgres;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Holdfast.Silo.Cluster;

internal static class BeatHosting
{
    /// <summary>
    /// Lets the silo leave beats in the database that it shares with others, and gives its owners the read lease that follows from them.
    /// </summary>
    public static ISiloBuilder AddBeat(this ISiloBuilder builder, PostgresDatabase database)
    {
        var services = builder.Services;
        services.AddSingleton(provider => new PostgresBeats(
            database,
            provider.GetRequiredService<ClusterClock>(),
            provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId,
            provider.GetRequiredService<ILocalSiloDetails>().SiloAddress));
        services.AddSingleton(static provider => new SilentSilos(provider.GetRequiredService<ILocalSiloDetails>().SiloAddress));
        services.AddSingleton<SiloDeaths>();
        services.AddSingleton<DeadSessions>();
        services.AddSingleton<ClockWatch>();
        services.AddSingleton<ReadLease>();
        services.AddSingleton<IReadLease>(static provider => provider.GetRequiredService<ReadLease>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, Beat>();
        return builder;
    }
}
