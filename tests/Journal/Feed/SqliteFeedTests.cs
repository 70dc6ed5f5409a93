using Holdfast.Journal;
using Holdfast.Journal.Feed;
using Holdfast.Journal.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Tests.Journal.Feed;

public sealed class SqliteFeedTests : FeedContract
{
    private readonly TempDirectory _directory = new();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }

    protected override async Task<(IJournalStore Store, IFeed Feed)> Open()
    {
        var store = new SqliteJournalStore(new(_directory.Path), TimeProvider.System, NullLogger<SqliteJournalStore>.Instance);
        await store.Initialize(default);
        return (store, new SqliteFeed(store));
    }
}
