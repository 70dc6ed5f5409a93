using Holdfast.Journal;
using Holdfast.Silo.Settings;
using Holdfast.Views;
using Holdfast.Views.Store;

namespace Holdfast.Silo.Listing;

/// <summary>
/// <c>rebuild VIEW</c>: has the running silos make a view anew, beside the one that is read until the new one has caught up. Nothing is
/// ever lost by it.
/// </summary>
internal static class RebuildCommand
{
    /// <param name="args">The view's name, then the settings of the silos.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="StartRefusedException">There is no such view.</exception>
    /// <exception cref="JournalStoreException">The message says what to do about it.</exception>
    public static async Task<int> Run(string[] args)
    {
        if (args is not [var view, ..] || !ViewNames.All.Contains(view))
        {
            throw new StartRefusedException($"'rebuild' needs the name of a view: {string.Join(", ", ViewNames.All)}.");
        }

        var settings = HoldfastSettings.Read(Host.CreateApplicationBuilder(args[1..]).Configuration);
        await using ViewStore store = settings.Database is { } database
            ? new PostgresViewStore(database)
            : new SqliteViewStore(ListingHosting.FileIn(settings.Options.DataDirectory));
        var wanted = await ViewFollowers.Want(view, store, CancellationToken.None);
        await Console.Out.WriteLineAsync(wanted
            ? $"{store.Name}: the silos make the view {view} anew; until it is done, the old one is read."
            : $"{store.Name}: the view {view} has not been made yet; the silos make it when they run.");
        return 0;
    }
}
