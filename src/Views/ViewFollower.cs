using Holdfast.Journal;
using Holdfast.Journal.Feed;
using Holdfast.Views.Store;
using Microsoft.Extensions.Logging;

namespace Holdfast.Views;

/// <summary>
/// Keeps one view up with the feed, and makes it anew when that is due: beside the one that is read, from the streams themselves, until it
/// has caught up. Rows are stored together with the position that they bring the view to, by compare-and-set: two that follow at once do no
/// harm, and a process that ends in the middle has changed nothing.
/// </summary>
internal sealed partial class ViewFollower(
    IView view, ViewStore store, IFeed feed, IJournalStore journal, ViewMetrics metrics, TimeProvider clock, ILogger logger)
{
    /// <summary>Rows of the journal that a rebuild takes in one transaction.</summary>
    private const int WalkRows = 2_000;

    /// <summary>Pages of a rebuild between two looks at the feed for the view that is read.</summary>
    private const int WalkPages = 8;

    private readonly Generations _generations = new(store);
    private readonly ChangeReader _changes = new(view, store, journal, metrics, logger);
    private readonly Dictionary<long, (long Position, StreamVersion? Walked)> _places = [];
    private readonly RepeatedFailures _failures = new(clock);
    private bool _found;

    // The process before may have ended between an erasure and this.
    private bool _owesScrub = true;

    /// <summary>Brings the view up to the feed. True when there was something to read.</summary>
    /// <param name="isMine">Whether it is still this silo's to follow.</param>
    /// <param name="pages">The feed, as this pass reads it.</param>
    /// <param name="beside">
    /// Another view is made anew meanwhile: what is read goes on, and is not made anew itself before the next pass, for which the other
    /// would have to wait.
    /// </param>
    public async Task<bool> Follow(Func<bool> isMine, FeedPages pages, bool beside, CancellationToken cancellationToken)
    {
        _found = false;
        try
        {
            while (isMine() && await Step(pages, beside, cancellationToken))
            {
            }
        }
        finally
        {
            if (_owesScrub && !cancellationToken.IsCancellationRequested) _owesScrub = !await store.Scrub(cancellationToken);
        }

        return _found;
    }

    /// <summary>
    /// One page of what is read, and some of what is made in its place. False when it has caught up: what comes next can wait
    /// for what comes with it, and is written once for both.
    /// </summary>
    private async Task<bool> Step(FeedPages pages, bool beside, CancellationToken cancellationToken)
    {
        var epoch = await feed.ReadEpoch(cancellationToken);
        var all = await _generations.Of(view.Name, cancellationToken);

        // In a rolling upgrade the newer release makes the view, and this one leaves it alone.
        if (all.Any(generation => generation.Definition > view.Definition)) return false;
        foreach (var left in all)
        {
            if (!left.Current && !IsUsable(left, epoch)) await Drop(left, cancellationToken);
        }

        var current = all.FirstOrDefault(generation => generation.Current && IsUsable(generation, epoch));
        var next = all.FirstOrDefault(generation => !generation.Current && IsUsable(generation, epoch));
        var goesOn = current is not null && await ReadCurrent(current, pages, current.Wanted || next is not null, cancellationToken);
        if (beside) return goesOn;
        if (next is null && (current is null || current.Wanted)) next = await Begin(all, epoch, cancellationToken);
        if (next is null) return goesOn;
        for (var steps = 0; next is not null && steps < WalkPages; steps++) next = await GrowOrLose(next, pages, cancellationToken);
        _found = true;
        return true;
    }

    /// <summary>
    /// A page of what is read. What cannot go on keeps nobody from making what comes in its place, and what is not there any more is
    /// made anew.
    /// </summary>
    private async Task<bool> ReadCurrent(
        Generation current, FeedPages pages, bool isReplaced, CancellationToken cancellationToken)
    {
        try
        {
            return (await ReadPage(current, pages, cancellationToken)).More;
        }
        catch (JournalStoreException missing) when (IsGone(missing))
        {
            await Lose(current, missing, cancellationToken);
            return true;
        }
#pragma warning disable CA1031 // Whatever it is, it ends with this generation.
        catch (Exception failure) when (isReplaced && !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            metrics.Failed(view.Name);
            if (_failures.IsDue(failure.GetType().Name, out var others)) LogIsBroken(failure, view.Name, others);
            return false;
        }
    }

    private async Task<Generation?> GrowOrLose(Generation next, FeedPages pages, CancellationToken cancellationToken)
    {
        try
        {
            return await Grow(next, pages, cancellationToken);
        }
        catch (JournalStoreException missing) when (IsGone(missing))
        {
            await Lose(next, missing, cancellationToken);
            throw;
        }
    }

    /// <summary>A table of the views, not one of the journal.</summary>
    private bool IsGone(JournalStoreException failure) =>
        ViewStore.IsMissingTable(failure) && failure.Message.StartsWith(store.Name, StringComparison.Ordinal);

    private async Task Lose(Generation generation, JournalStoreException missing, CancellationToken cancellationToken)
    {
        if (await store.Commit(Generations.Lose(view.Name, generation), [], cancellationToken)) LogIsGone(missing, view.Name);
    }

    private bool IsUsable(Generation generation, string epoch) => generation.Definition == view.Definition && generation.Epoch == epoch;

    /// <summary>What is there already, published or not, is walked through; what is published meanwhile comes behind it.</summary>
    private async Task<Generation> Begin(IReadOnlyList<Generation> all, string epoch, CancellationToken cancellationToken)
    {
        // Read before the walk begins: whatever is not behind it, the walk sees.
        var start = await feed.ReadEnd(cancellationToken);
        var next = new Generation(
            all.Count == 0 ? 1 : all[^1].Number + 1,
            view.Definition,
            epoch,
            start,
            new StreamVersion("", 0),
            Current: false,
            Wanted: false);
        LogBegins(view.Name, next.Number);
        var tables = new ViewTables(view.Name, next.Number);
        var create = DropTables(tables).Concat(view.Create(tables, store).Select(static sql => new ViewStatement(sql))).ToList();
        if (!view.HealsItself)
        {
            create.Add(new(
                $"CREATE TABLE {tables.Streams} (stream {store.Text} NOT NULL PRIMARY KEY, version bigint NOT NULL){store.ByKey}"));
        }

        // Of two that begin it one makes the tables, and both go on with them.
        await store.Commit(Generations.Begin(view.Name, next), create, cancellationToken);
        return next;
    }

    /// <summary>A part of the walk, or of the feed behind it; null when it has caught up, and is the one that is read.</summary>
    private async Task<Generation?> Grow(Generation next, FeedPages pages, CancellationToken cancellationToken)
    {
        if (next.Walked is not { } walked)
        {
            var (grown, more) = await ReadPage(next, pages, cancellationToken);
            return grown is null || more ? grown : await MakeCurrent(next, cancellationToken);
        }

        var rows = await feed.Walk(view.Prefix, walked, WalkRows, cancellationToken);
        var tables = new ViewTables(view.Name, next.Number);
        ForgetUnlessAt(next);
        var changes = await _changes.OfWalk(rows, tables, cancellationToken);
        StreamVersion? end = rows.Count == 0 ? null : new(rows[^1].Stream, rows[^1].Row.FirstVersion);
        return await Store(next, changes, tables, next.Position, end, cancellationToken);
    }

    private async Task<Generation?> MakeCurrent(Generation next, CancellationToken cancellationToken)
    {
        var made = await store.Commit(
            Generations.MakeCurrent(view.Name, next.Number), [Generations.RetireOthers(view.Name, next.Number)], cancellationToken);
        if (made) LogMade(view.Name, next.Number);
        return null;
    }

    /// <summary>The next page of the feed.</summary>
    /// <returns>The generation with it; null when somebody else has moved it. And whether there is more to read at once.</returns>
    private async Task<(Generation? Generation, bool More)> ReadPage(
        Generation generation, FeedPages pages, CancellationToken cancellationToken)
    {
        var page = await pages.Read(view.Name, generation.Epoch, generation.Position, cancellationToken);
        if (page.IsAhead)
        {
            // What it has is of a history that is not there any more. It is made anew, even if the journal comes so far again meanwhile.
            LogIsAhead(view.Name);
            await store.Commit(Generations.Lose(view.Name, generation), [], cancellationToken);
            return (null, true);
        }

        if (page.Through == generation.Position)
        {
            if (generation.Current) await NoteIdle(generation, cancellationToken);
            return (generation, false);
        }

        var tables = new ViewTables(view.Name, generation.Number);
        ForgetUnlessAt(generation);
        var rows = page.Rows.Where(row => row.Stream.StartsWith(view.Prefix, StringComparison.Ordinal)).ToArray();
        var changes = await _changes.OfFeed(rows, tables, cancellationToken);
        var stored = await Store(generation, changes, tables, page.Through, null, cancellationToken);
        if (generation.Current && rows is [var oldest, ..])
        {
            metrics.Applied(view.Name, rows.Length, clock.GetUtcNow() - oldest.Row.RecordedAt);
        }

        _found = true;
        return (stored, page.More);
    }

    /// <summary>Nothing can be read: because there is nothing, or because somebody holds the feed back.</summary>
    private async Task NoteIdle(Generation generation, CancellationToken cancellationToken)
    {
        var heldBack = await feed.ReadNewest(cancellationToken) > generation.Position;
        var horizon = heldBack ? await feed.ReadHorizon(cancellationToken) : new(TimeSpan.Zero, null);
        if (!metrics.Idle(view.Name, heldBack, horizon)) return;
        LogHeldBack(view.Name, horizon.Age, horizon.HeldBy ?? "a session that this role may not see");
    }

    private async Task<Generation?> Store(
        Generation generation,
        IReadOnlyList<StreamChange> changes,
        ViewTables tables,
        long position,
        StreamVersion? walked,
        CancellationToken cancellationToken)
    {
        var made = await view.Apply(changes, tables, store, cancellationToken);
        var rows = view.HealsItself ? made.Rows : [.. made.Rows, VersionRows(changes, tables)];
        _places.Remove(generation.Number);

        // Otherwise somebody else has been there.
        var move = Generations.Move(view.Name, generation, position, walked);
        if (!await store.Write(move, rows, made.Erased, cancellationToken)) return null;
        _changes.Remember(tables, changes);
        _places[generation.Number] = (position, walked);
        _owesScrub |= made.Erased;
        return generation with { Position = position, Walked = walked };
    }

    private static ViewRows VersionRows(IReadOnlyList<StreamChange> changes, ViewTables tables)
    {
        var versions = new ViewRows(tables.Streams, ["stream", "version"], 1, "version");
        foreach (var change in changes) versions.Add(change.Stream, change.After);
        return versions;
    }

    /// <summary>
    /// What is remembered of the streams is true only where this follower left the generation itself: another one may have gone on with it,
    /// and a database that was lost and came back may have forgotten what it took.
    /// </summary>
    private void ForgetUnlessAt(Generation generation)
    {
        if (_places.TryGetValue(generation.Number, out var place) && place == (generation.Position, generation.Walked)) return;
        _changes.Forget();
        view.Forget();
    }

    private IEnumerable<ViewStatement> DropTables(ViewTables tables) =>
        view.TablesOf(tables).Append(tables.Streams).Select(static table => new ViewStatement($"DROP TABLE IF EXISTS {table}"));

    /// <summary>
    /// Removes what nobody reads any more. A list that is being read is waited for briefly, or the next pass tries again.
    /// </summary>
    private async Task Drop(Generation left, CancellationToken cancellationToken) => _owesScrub |= await store.Commit(
        Generations.Drop(view.Name, left.Number), [.. DropTables(new(view.Name, left.Number))], cancellationToken);

    [LoggerMessage(Level = LogLevel.Information, Message = "The view {View} is made anew (generation {Generation})")]
    private partial void LogBegins(string view, long generation);

    [LoggerMessage(Level = LogLevel.Information, Message = "The view {View} is made, and is read from now on (generation {Generation})")]
    private partial void LogMade(string view, long generation);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The view {View} had come further than the journal: the journal was restored from an older copy. It is made anew. "
            + "Run the silo program's 'renew' command, so that positions and cursors that were given before mean nothing any more")]
    private partial void LogIsAhead(string view);

    [LoggerMessage(Level = LogLevel.Error, Message = "The tables of the view {View} are gone; it is made anew")]
    private partial void LogIsGone(Exception exception, string view);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The view {View} cannot go on; another is being made in its place ({Others} more like it since the last such line)")]
    private partial void LogIsBroken(Exception exception, string view, int others);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The view {View} is held back: a transaction has been open for {Age}, of {Holder}")]
    private partial void LogHeldBack(string view, TimeSpan age, string holder);
}
