using System.Text;
using Holdfast.Journal;
using Holdfast.Journal.Feed;

namespace Holdfast.Tests.Journal.Feed;

/// <summary>What the feed of every store must do. A store's own test class derives from this one and says how to open it.</summary>
public abstract class FeedContract : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    protected IJournalStore Store { get; private set; } = null!;

    protected IFeed Feed { get; private set; } = null!;

    public virtual async Task InitializeAsync() => (Store, Feed) = await Open();

    public virtual async Task DisposeAsync() => await Store.DisposeAsync();

    protected abstract Task<(IJournalStore Store, IFeed Feed)> Open();

    [StoreFact]
    public async Task What_is_published_comes_in_the_order_of_its_commits_and_what_is_not_does_not()
    {
        await Commit(New("a/1", 0, "one", follows: 0));
        await Commit(New("a/1", 1, "kept back"));
        await Commit(New("b/1", 0, "two", follows: 0));
        await Commit(New("a/1", 2, "three", follows: 1));

        var page = await Feed.Read(0, 10, default);

        Assert.Equal(["""["one"]""", """["two"]""", """["three"]"""], page.Rows.Select(Text));
        Assert.Equal([0L, 0, 1], page.Rows.Select(static row => row.Follows));
        Assert.Equal(page.Rows[^1].Position, page.Through);
        Assert.False(page.More);
        Assert.False(page.IsAhead);
        Assert.Equal(page.Through, await Feed.ReadNewest(default));
    }

    [StoreFact]
    public async Task A_reader_that_goes_on_behind_each_page_misses_nothing_and_gets_nothing_twice()
    {
        for (var i = 0; i < 20; i++)
        {
            await Commit([.. Enumerable.Range(0, 1 + (i % 3)).Select(k => New($"a/{i}-{k}", 0, $"{i}-{k}", follows: 0))]);
        }

        var (seen, position) = (new List<string>(), 0L);
        for (var more = true; more;)
        {
            var page = await Feed.Read(position, 4, default);
            seen.AddRange(page.Rows.Select(static row => row.Stream));
            (position, more) = (page.Through, page.More);
        }

        Assert.Equal(Enumerable.Range(0, 20).Sum(static i => 1 + (i % 3)), seen.Count);
        Assert.Equal(seen.Distinct().Count(), seen.Count);
        Assert.Empty((await Feed.Read(position, 4, default)).Rows);
    }

    [StoreFact]
    public async Task A_refused_append_is_not_published()
    {
        await Commit(New("a/1", 0, "one", follows: 0));
        await Commit(New("a/1", 0, "stale", follows: 0), New("b/1", 0, "beside", follows: 0));

        Assert.Equal(["""["one"]""", """["beside"]"""], (await Feed.Read(0, 10, default)).Rows.Select(Text));
    }

    [StoreFact]
    public async Task A_version_s_position_is_that_of_the_append_that_holds_it()
    {
        await Commit(New("a/1", 0, "one", follows: 0));
        var first = await Feed.ReadNewest(default);
        await Commit(New("b/1", 0, "two", follows: 0));
        var second = await Feed.ReadNewest(default);
        await Commit(New("a/1", 1, "kept back"));

        Assert.Equal(first, await Feed.ReadPosition([new("a/1", 1)], default));
        Assert.Equal(second, await Feed.ReadPosition([new("a/1", 1), new("b/1", 1)], default));
        Assert.Equal(0, await Feed.ReadPosition([new("a/1", 2), new("c/none", 7)], default));
    }

    [StoreFact]
    public async Task The_end_of_the_feed_is_not_before_what_was_published()
    {
        await Commit(New("a/1", 0, "one", follows: 0));

        var end = await Feed.ReadEnd(default);

        Assert.True(end >= await Feed.ReadNewest(default));
        Assert.Empty((await Feed.Read(end, 10, default)).Rows);
        await Commit(New("a/1", 1, "two", follows: 1));
        Assert.Equal("""["two"]""", Text(Assert.Single((await Feed.Read(end, 10, default)).Rows)));
    }

    [StoreFact]
    public async Task A_walk_gives_every_row_of_the_kind_published_or_not_by_its_key()
    {
        await Commit(New("b/2", 0, "2", follows: 0), New("b/10", 0, "10"), New("a/9", 0, "9"), New("c/1", 0, "c"));
        await Commit(New("b/2", 1, "2 again"));

        var first = await Feed.Walk("b/", default, 2, default);
        var rest = await Feed.Walk("b/", new(first[^1].Stream, first[^1].Row.FirstVersion), 2, default);

        Assert.Equal([("b/10", 1L), ("b/2", 1L), ("b/2", 2L)], first.Concat(rest).Select(static row => (row.Stream, row.Row.FirstVersion)));
    }

    [StoreFact]
    public async Task A_page_that_would_be_too_large_ends_before_and_the_next_one_goes_on()
    {
        var large = new string('x', IFeed.MaxPageBytes / 3);
        await Commit(New("b/0", 0, "small", follows: 0));
        for (var i = 0; i < 3; i++) await Commit(New($"a/{i}", 0, large, follows: 0), New($"a/{i}+", 0, large, follows: 0));
        await Commit(New("b/1", 0, "small", follows: 0));

        var (seen, position, pages, more) = (new List<string>(), 0L, 0, true);
        for (; more; pages++)
        {
            var page = await Feed.Read(position, 100, default);
            Assert.InRange(page.Rows.Sum(static row => row.Row.Events.Length), 0, 2 * IFeed.MaxPageBytes);
            seen.AddRange(page.Rows.Select(static row => row.Stream));
            (position, more) = (page.Through, page.More);
        }

        Assert.Equal(["b/0", "a/0", "a/0+", "a/1", "a/1+", "a/2", "a/2+", "b/1"], seen);
        Assert.Equal(await Feed.ReadNewest(default), position);
        Assert.True(pages > 1);

        var (walked, after) = (new List<string>(), default(StreamVersion));
        while (await Feed.Walk("a/", after, 100, default) is { Count: > 0 } rows)
        {
            Assert.InRange(rows.Count, 1, 4);
            walked.AddRange(rows.Select(static row => row.Stream));
            after = new(rows[^1].Stream, rows[^1].Row.FirstVersion);
        }

        Assert.Equal(seen.Where(static stream => stream[0] == 'a'), walked);
    }

    [StoreFact]
    public async Task A_position_that_the_store_never_reached_is_told()
    {
        await Commit(New("a/1", 0, "one", follows: 0));

        Assert.True((await Feed.Read(1L << 50, 10, default)).IsAhead);
        Assert.False((await Feed.Read(await Feed.ReadEnd(default), 10, default)).IsAhead);
    }

    [StoreFact]
    public async Task A_new_epoch_has_another_name_and_takes_new_appends()
    {
        await Commit(New("a/1", 0, "one", follows: 0));
        var before = await Feed.ReadEpoch(default);

        var renewed = await Feed.Renew(default);
        var end = await Feed.ReadEnd(default);
        await Commit(New("a/1", 1, "two", follows: 1));

        Assert.NotEqual(before, renewed);
        Assert.Equal(renewed, await Feed.ReadEpoch(default));
        Assert.Equal(32, renewed.Length);
        Assert.Equal("""["two"]""", Text(Assert.Single((await Feed.Read(end, 10, default)).Rows)));
        Assert.Equal(2, (await Feed.Walk("a/", default, 10, default)).Count);
    }

    /// <summary>Commits, and waits until the feed shows it: transactions of whoever else is on the server hold it back.</summary>
    protected async Task Commit(params Append[] appends)
    {
        await Store.Commit(appends, []);
        if (HoldsBack) return;
        await Eventually.True(async () => await Feed.ReadEnd(default) >= await Feed.ReadNewest(default), static () => "the feed shows it");
    }

    /// <summary>The test holds the feed back itself.</summary>
    protected bool HoldsBack { get; set; }

    protected static Append New(string stream, long after, string text, long? follows = null) => new(
        stream, after, Guid.CreateVersion7(Start), Start, 1, Encoding.UTF8.GetBytes($"[\"{text}\"]"), [], [], Follows: follows);

    protected static string Text(FeedRow row) => Encoding.UTF8.GetString(row.Row.Events.Span);
}
