using Holdfast.Journal.Feed;
using Holdfast.Journal.Snapshots;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Holdfast.Journal.Sqlite;

public static class SqliteJournalHosting
{
    /// <summary>The name that Orleans' ADO.NET provider has for SQLite; it loads Microsoft.Data.Sqlite.</summary>
    private const string SqliteInvariant = "System.Data.SQLite";

    /// <summary>Keeps journal, outbox, receipts and snapshots in SQLite files in this directory.</summary>
    public static ISiloBuilder AddSqliteJournal(this ISiloBuilder builder, string directory)
    {
        var options = new SqliteJournalOptions(directory);
        var snapshots = new SqliteSnapshotFile(options.SnapshotFile);
        builder.Services.AddClusterClock();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<SqliteJournalStore>();
        builder.Services.AddSingleton<IJournalStore>(static services => services.GetRequiredService<SqliteJournalStore>());
        builder.Services.AddSingleton<IFeed, SqliteFeed>();
        builder.Services.AddSingleton<IOutboxLists, SqliteOutboxLists>();
        builder.Services.AddSingleton<IReadLease, EmbeddedReadLease>();
        builder.Services.AddSingleton<ISnapshots>(services => new GrainStorageSnapshots(
            services.GetRequiredKeyedService<IGrainStorage>(GrainStorageSnapshots.StorageName),
            services.GetRequiredService<ILogger<GrainStorageSnapshots>>(),
            snapshots.Scrub));
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services =>
            new Startup(services.GetRequiredService<IJournalStore>(), snapshots));
        return builder.AddAdoNetGrainStorage(GrainStorageSnapshots.StorageName, storage =>
        {
            storage.Invariant = SqliteInvariant;
            storage.DataSource = snapshots;
            storage.GrainStorageSerializer = new SnapshotSerializer();
        });
    }

    private sealed class Startup(IJournalStore store, SqliteSnapshotFile snapshots) : ILifecycleParticipant<ISiloLifecycle>
    {
        /// <summary>Before the grain storage provider starts, which reads its statements from the snapshot file.</summary>
        private const int Stage = ServiceLifecycleStage.RuntimeServices;

        public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(SqliteJournalHosting), Stage, Start);

        private async Task Start(CancellationToken cancellationToken)
        {
            // First: it makes sure that no other process works on these files.
            await store.Initialize(cancellationToken);
            await Task.Run(snapshots.Initialize, cancellationToken);
        }
    }
}
