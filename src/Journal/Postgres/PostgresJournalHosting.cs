using System.Globalization;
using Holdfast.Journal.Feed;
using Holdfast.Journal.Snapshots;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Holdfast.Journal.Postgres;

public static class PostgresJournalHosting
{
    /// <summary>The name that Orleans' ADO.NET providers have for PostgreSQL.</summary>
    public const string Invariant = "Npgsql";

    /// <summary>
    /// Keeps journal, outbox, receipts and snapshots in this database, which other silos share. The silo still needs an
    /// <see cref="IReadLease"/>: who may answer from memory depends on how silos watch over each other.
    /// </summary>
    public static ISiloBuilder AddPostgresJournal(this ISiloBuilder builder, PostgresDatabase database)
    {
        builder.Services.AddClusterClock();
        builder.Services.TryAddSingleton(database);
        builder.Services.TryAddSingleton(static services => new PostgresJournalOptions { Member = MemberOf(services) });
        builder.Services.AddSingleton<IJournalStore, PostgresJournalStore>();
        builder.Services.AddSingleton<IFeed, PostgresFeed>();
        builder.Services.AddSingleton<IOutboxLists, PostgresOutboxLists>();
        builder.Services.AddSingleton<ISnapshots>(services => new GrainStorageSnapshots(
            services.GetRequiredKeyedService<IGrainStorage>(GrainStorageSnapshots.StorageName),
            services.GetRequiredService<ILogger<GrainStorageSnapshots>>()));
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, Startup>();
        return builder.AddAdoNetGrainStorage(GrainStorageSnapshots.StorageName, storage =>
        {
            storage.Invariant = Invariant;
            storage.DataSource = database.Providers;
            storage.GrainStorageSerializer = new SnapshotSerializer();
        });
    }

    private static string[] MemberOf(IServiceProvider services)
    {
        var silo = services.GetRequiredService<ILocalSiloDetails>();
        var (address, generation) = (silo.SiloAddress.Endpoint, silo.SiloAddress.Generation);
        return
        [
            silo.ClusterId,
            $"{address.Address}",
            address.Port.ToString(CultureInfo.InvariantCulture),
            generation.ToString(CultureInfo.InvariantCulture),
        ];
    }

    private sealed class Startup(IJournalStore store) : ILifecycleParticipant<ISiloLifecycle>
    {
        /// <summary>The first of all: membership and grain storage read their statements from the database.</summary>
        private const int Stage = ServiceLifecycleStage.First;

        public void Participate(ISiloLifecycle lifecycle) =>
            lifecycle.Subscribe(nameof(PostgresJournalHosting), Stage, store.Initialize);
    }
}
