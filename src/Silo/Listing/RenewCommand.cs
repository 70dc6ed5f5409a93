using Holdfast.Contracts.Callers;
using Holdfast.Domain.Leases;
using Holdfast.Journal;
using Holdfast.Journal.Feed;
using Holdfast.Journal.Postgres;
using Holdfast.Journal.Sqlite;
using Holdfast.Silo.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Silo.Listing;

/// <summary>
/// <c>renew</c>: begins a new epoch, after the database was restored from a copy or lost commits in a failover. Lists are made anew, and
/// cursors, positions and tokens of leases that were given before mean nothing any more.
/// </summary>
internal static class RenewCommand
{
    /// <param name="args">The settings of the silos; on PostgreSQL the role has to own the tables.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="JournalStoreException">The message says what to do about it.</exception>
    public static async Task<int> Run(string[] args)
    {
        var settings = HoldfastSettings.Read(Host.CreateApplicationBuilder(args).Configuration);
        if (settings.Database is { } database)
        {
            await using (database)
            {
                await PostgresSchema.Upgrade(database, CancellationToken.None);
                await using var store = new PostgresJournalStore(
                    database, new PostgresJournalOptions(), TimeProvider.System, NullLogger<PostgresJournalStore>.Instance);
                await store.Initialize(CancellationToken.None);
                await RenewTokens(store);
                using var feed = new PostgresFeed(database);
                await Renew(feed, database.Name);
            }
        }
        else
        {
            await using var store = new SqliteJournalStore(
                new(settings.Options.DataDirectory), TimeProvider.System, NullLogger<SqliteJournalStore>.Instance);
            await store.Initialize(CancellationToken.None);
            await RenewTokens(store);
            await Renew(new SqliteFeed(store), settings.Options.DataDirectory);
        }

        return 0;
    }

    /// <summary>
    /// Terms that leases had in what is lost have numbers that will be given out once more: with another key for the MACs the tokens of
    /// those are of no use.
    /// </summary>
    private static async Task RenewTokens(IJournalStore store)
    {
        if (await store.ReadSecret(LeaseSecretName.Stream, LeaseSecretName.Name, CancellationToken.None) is null) return;
        await store.WriteSecret(
            LeaseSecretName.Stream, LeaseSecretName.Name, KeyText.DrawMacKey(), replaces: true, CancellationToken.None);
    }

    private static async Task Renew(IFeed feed, string name)
    {
        var epoch = await feed.Renew(CancellationToken.None);
        await Console.Out.WriteLineAsync($"{name}: the epoch is {epoch} now. The silos make the lists anew when they run.");
    }
}
