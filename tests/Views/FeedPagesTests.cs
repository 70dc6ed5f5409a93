using Holdfast.Journal;
using Holdfast.Journal.Feed;
using Holdfast.Views;
using Holdfast.Views.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Holdfast.Tests.Views;

public sealed class FeedPagesTests : IAsyncLifetime
{
    private ViewRig _rig = null!;

    public async Task InitializeAsync() => _rig = await ViewRig.Open();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Views_at_the_same_place_get_the_same_page_and_one_behind_it_the_next()
    {
        await _rig.Place("ada");
        var pages = new FeedPages(_rig.Feed);

        var first = await pages.Read("orders", "epoch", 0, default);
        var same = await pages.Read("stock", "epoch", 0, default);
        await _rig.Place("bob");
        var next = await pages.Read("stock", "epoch", first.Through, default);

        Assert.Same(first, same);
        Assert.Single(first.Rows);
        Assert.Single(next.Rows);
    }

    [Fact]
    public async Task A_page_of_another_epoch_is_another_one()
    {
        await _rig.Place("ada");
        var pages = new FeedPages(_rig.Feed);
        var before = await pages.Read("orders", "before", 0, default);

        Assert.NotSame(before, await pages.Read("stock", "after", 0, default));
    }

    /// <summary>In one pass, which may take minutes: a view that is made anew looks at the feed for the one that is read.</summary>
    [Fact]
    public async Task A_view_that_asks_again_gets_what_has_come_since()
    {
        await _rig.Place("ada");
        var pages = new FeedPages(_rig.Feed);
        var end = (await pages.Read("orders", "epoch", 0, default)).Through;
        Assert.Empty((await pages.Read("orders", "epoch", end, default)).Rows);
        await _rig.Place("bob");

        Assert.Single((await pages.Read("orders", "epoch", end, default)).Rows);
        Assert.Single((await pages.Read("stock", "epoch", end, default)).Rows);
    }

    [Fact]
    public async Task A_view_goes_on_while_another_one_takes_its_time()
    {
        var first = await _rig.Place("ada");
        await _rig.Adjust("TEA", 1);
        await _rig.Follow();
        await ViewFollowers.Want(ViewNames.Stock, _rig.Store, default);
        var feed = new CountedFeed(_rig.Feed) { Walking = new(TaskCreationOptions.RunContinuationsAsynchronously) };
        var followers = new ViewFollowers(_rig.Store, feed, _rig.Journal, TimeProvider.System, NullLogger<ViewFollowers>.Instance);
        var pass = followers.Follow(static () => true, default);
        await feed.Walks.Task.WaitAsync(TimeSpan.FromMinutes(1));

        var second = await _rig.Place("ada");

        await Eventually.True(async () => (await _rig.List()).SequenceEqual([second, first]), static () => "the order is listed");
        Assert.False(pass.IsCompleted, "The other view was to take its time.");
        feed.Walking.SetResult();
        await pass;
    }

    [Fact]
    public async Task A_view_that_is_to_be_made_anew_beside_another_goes_on_until_it_is_its_turn()
    {
        var first = await _rig.Place("ada");
        await _rig.Follow();
        await ViewFollowers.Want(ViewNames.Stock, _rig.Store, default);
        var feed = new CountedFeed(_rig.Feed) { Walking = new(TaskCreationOptions.RunContinuationsAsynchronously) };
        var followers = new ViewFollowers(_rig.Store, feed, _rig.Journal, TimeProvider.System, NullLogger<ViewFollowers>.Instance);
        var pass = followers.Follow(static () => true, default);
        await feed.Walks.Task.WaitAsync(TimeSpan.FromMinutes(1));
        var second = await _rig.Place("ada");
        await Eventually.True(async () => (await _rig.List()).SequenceEqual([second, first]), static () => "the order is listed");

        // Whoever is behind by now can only be so for the sake of the other.
        await ViewFollowers.Want(ViewNames.Orders, _rig.Store, default);
        for (var i = 0; i < 3; i++)
        {
            var next = await _rig.Place("ada");
            await Eventually.True(async () => (await _rig.List())[0] == next, static () => "the order is listed");
        }

        feed.Walking.SetResult();
        await pass;
        await followers.Follow(static () => true, default);
        Assert.Equal(5, (await _rig.List()).Length);
        Assert.Equal(2, await GenerationOf(ViewNames.Orders));
    }

    [Fact]
    public async Task A_view_that_failed_at_first_is_made_while_another_one_takes_its_time()
    {
        await _rig.Place("ada");
        await _rig.Adjust("TEA", 1);
        await _rig.Follow();
        await ViewFollowers.Want(ViewNames.Stock, _rig.Store, default);
        await ViewFollowers.Want(ViewNames.Orders, _rig.Store, default);
        var feed = new CountedFeed(_rig.Feed)
        {
            Walking = new(TaskCreationOptions.RunContinuationsAsynchronously),
            WalksSlowly = "product/",
            FailsOnce = "order/",
        };
        var followers = new ViewFollowers(_rig.Store, feed, _rig.Journal, TimeProvider.System, NullLogger<ViewFollowers>.Instance);
        var pass = followers.Follow(static () => true, default);

        await Eventually.True(async () => await GenerationOf(ViewNames.Orders) == 2, static () => "the orders are made anew");
        Assert.False(pass.IsCompleted, "The other view was to take its time.");
        feed.Walking.SetResult();
        await pass;
        Assert.Single(await _rig.List());
    }

    /// <summary>The clock stands still: who waited for a time would wait for ever.</summary>
    [Fact]
    public async Task A_pass_in_which_all_are_done_soon_waits_for_nobody()
    {
        var followers = new ViewFollowers(
            _rig.Store, _rig.Feed, _rig.Journal, new FakeTimeProvider(), NullLogger<ViewFollowers>.Instance);
        for (var i = 0; i < 20; i++)
        {
            await _rig.Place("ada");
            await followers.Follow(static () => true, default).WaitAsync(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(20, (await _rig.List()).Length);
    }

    private async Task<long> GenerationOf(string view) => (await _rig.Store.Read(
        new ViewStatement("SELECT generation FROM views WHERE name = @a AND is_current = 1", view), static row => row.GetInt64(0), default))
        .Single();

    [Fact]
    public async Task All_views_together_read_each_page_once()
    {
        await _rig.Place("ada");
        await _rig.Adjust("TEA", 1);
        var feed = new CountedFeed(_rig.Feed);
        var followers = new ViewFollowers(
            _rig.Store, feed, _rig.Journal, TimeProvider.System, NullLogger<ViewFollowers>.Instance);
        await followers.Follow(static () => true, default);
        feed.Reads.Clear();
        await _rig.Place("bob");
        await _rig.Adjust("TEA", 1);

        await followers.Follow(static () => true, default);

        Assert.Distinct(feed.Reads);
        Assert.Equal(2, (await _rig.List()).Length);
    }

    private sealed class CountedFeed(IFeed feed) : IFeed
    {
        /// <summary>What a walk waits for; null for nothing.</summary>
        public TaskCompletionSource? Walking { get; init; }

        /// <summary>Only walks through these streams wait for it.</summary>
        public string WalksSlowly { get; init; } = "";

        /// <summary>The first walk through these streams fails; null for none.</summary>
        public string? FailsOnce { get; set; }

        /// <summary>Completes with the first walk.</summary>
        public TaskCompletionSource Walks { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>From which positions the feed was read.</summary>
        public List<long> Reads { get; } = [];

        public Task<FeedPage> Read(long after, int limit, CancellationToken cancellationToken)
        {
            lock (Reads) Reads.Add(after);
            return feed.Read(after, limit, cancellationToken);
        }

        public Task<string> ReadEpoch(CancellationToken cancellationToken) => feed.ReadEpoch(cancellationToken);

        public Task<long> ReadNewest(CancellationToken cancellationToken) => feed.ReadNewest(cancellationToken);

        public Task<long> ReadEnd(CancellationToken cancellationToken) => feed.ReadEnd(cancellationToken);

        public Task<long> ReadPosition(IReadOnlyList<StreamVersion> versions, CancellationToken cancellationToken) =>
            feed.ReadPosition(versions, cancellationToken);

        public Task<FeedHorizon> ReadHorizon(CancellationToken cancellationToken) => feed.ReadHorizon(cancellationToken);

        public async Task<IReadOnlyList<StreamRow>> Walk(
            string prefix, StreamVersion after, int limit, CancellationToken cancellationToken)
        {
            Walks.TrySetResult();
            if (prefix == FailsOnce)
            {
                FailsOnce = null;
                throw new JournalStoreException("The database is away.");
            }

            if (Walking is not null && prefix.StartsWith(WalksSlowly, StringComparison.Ordinal))
                await Walking.Task.WaitAsync(cancellationToken);
            return await feed.Walk(prefix, after, limit, cancellationToken);
        }

        public Task<string> Renew(CancellationToken cancellationToken) => feed.Renew(cancellationToken);
    }
}
