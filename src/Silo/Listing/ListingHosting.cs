using Holdfast.Journal.Feed;
using Holdfast.Journal.Postgres;
using Holdfast.Outbox.Delivery;
using Holdfast.Views;
using Holdfast.Views.Lists;
using Holdfast.Views.Store;

namespace Holdfast.Silo.Listing;

/// <summary>Lists: made by whichever silo follows the feed, and read by every front door.</summary>
internal static class ListingHosting
{
    private const string FileName = "views.db";

    /// <summary>The file of the views in a data directory.</summary>
    public static string FileIn(string dataDirectory) => Path.Combine(dataDirectory, FileName);

    /// <summary>Makes views in a file, and lets them be read.</summary>
    public static void AddListing(this ISiloBuilder builder, string dataDirectory) =>
        builder.AddListing(_ => new SqliteViewStore(FileIn(dataDirectory)));

    /// <summary>The same in a schema beside the journal's.</summary>
    public static void AddListing(this ISiloBuilder builder, PostgresDatabase database) =>
        builder.AddListing(_ => new PostgresViewStore(database));

    /// <summary>Lets views be read that silos make.</summary>
    public static void AddLists(this IServiceCollection services, PostgresDatabase database)
    {
        services.AddSingleton<ViewStore>(_ => new PostgresViewStore(database));
        services.AddSingleton<IFeed>(new PostgresFeed(database));
        services.AddLists();
    }

    /// <param name="store">Made by the container, which closes it when the silo has stopped.</param>
    private static void AddListing(this ISiloBuilder builder, Func<IServiceProvider, ViewStore> store)
    {
        builder.Services.AddSingleton(store);
        builder.Services.AddSingleton<ViewFollowers>();
        builder.Services.AddSingleton<IFeedFollower, FeedFollower>();
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, Startup>();
        builder.Services.AddLists();
    }

    private static void AddLists(this IServiceCollection services)
    {
        services.AddSingleton<ViewReads>();
        services.AddSingleton<OrderList>();
        services.AddSingleton<ProductList>();
        services.AddSingleton<MovementList>();
        services.AddSingleton<StockHistory>();
        services.AddSingleton<PriceHistory>();
    }

    /// <summary>Before the streams start that wake the followers, and when the journal's store is open.</summary>
    private sealed class Startup(ViewFollowers followers) : ILifecycleParticipant<ISiloLifecycle>
    {
        private const int Stage = ServiceLifecycleStage.ApplicationServices;

        public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(ListingHosting), Stage, followers.Initialize);
    }

    private sealed class FeedFollower(ViewFollowers followers) : IFeedFollower
    {
        public Task<bool> Follow(Func<bool> isMine, CancellationToken cancellationToken) => followers.Follow(isMine, cancellationToken);
    }
}
