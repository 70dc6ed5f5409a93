using System.Data.Common;
using Holdfast.Journal;
using Holdfast.Journal.Feed;
using Holdfast.Views.Store;

namespace Holdfast.Views.Lists;

/// <summary>Reads views, on any front door: as they are, or after waiting until they have come to where the reader asks for.</summary>
public sealed class ViewReads(ViewStore store, IFeed feed, TimeProvider clock) : IDisposable
{
    /// <summary>How long a reader waits for a view.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Questions of readers that the database gets at a time: whoever follows the feed needs connections, too.</summary>
    private const int MaxQuestions = 8;

    private readonly SemaphoreSlim _places = new(MaxQuestions);
    private readonly Generations _generations = new(store);
    private readonly SharedLooks _looks = new(store, clock);

    public void Dispose() => _places.Dispose();

    /// <summary>Reads a page of a view.</summary>
    /// <param name="view">Its name.</param>
    /// <param name="definition">By which it has to be made.</param>
    /// <param name="question">The statement for the tables as they are called now.</param>
    /// <exception cref="ViewBehindException">The view does not come so far in time, or is being made.</exception>
    /// <exception cref="ViewUnavailableException">The database cannot be read.</exception>
    internal async Task<ViewPage<T>> Read<T>(
        string view,
        int definition,
        ReadPoint point,
        Func<ViewTables, ViewStatement> question,
        Func<DbDataReader, T> row,
        CancellationToken cancellationToken)
    {
        try
        {
            return await ReadInTime(view, definition, point, question, row, cancellationToken);
        }
        catch (JournalStoreException unreadable)
        {
            throw new ViewUnavailableException(unreadable);
        }
    }

    /// <summary>Who waits for a view has no place meanwhile: those who need not wait go by.</summary>
    private async Task<T> InPlace<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            return await ask();
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task<ViewPage<T>> ReadInTime<T>(
        string view,
        int definition,
        ReadPoint point,
        Func<ViewTables, ViewStatement> question,
        Func<DbDataReader, T> row,
        CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var (epoch, needed) = point.IsAny ? (null, 0) : await InPlace(() => Needed(point, cancellationToken), cancellationToken);
        var all = await InPlace(() => _generations.Of(view, cancellationToken), cancellationToken);
        while (true)
        {
            var current = all.FirstOrDefault(each => each.Current && each.Definition == definition);
            if (current is not null && (epoch is null || (current.Epoch == epoch && current.Position >= needed)))
            {
                // The position is read first: the rows are as of then, or later.
                try
                {
                    var rows = await InPlace(
                        () => store.Read(question(new(view, current.Number)), row, cancellationToken), cancellationToken);
                    return new(rows, current.Epoch, current.Position);
                }
                catch (JournalStoreException gone) when (ViewStore.IsMissingTable(gone) && clock.GetElapsedTime(started) < Patience)
                {
                    // Another generation has come in its place meanwhile.
                }
            }

            if (clock.GetElapsedTime(started) >= Patience) throw new ViewBehindException(view, isMade: current is not null);
            await Task.Delay(SharedLooks.Period, clock, cancellationToken);
            all = await _looks.At(view, cancellationToken);
        }
    }

    /// <summary>Where the view has to be.</summary>
    private async Task<(string? Epoch, long Position)> Needed(ReadPoint point, CancellationToken cancellationToken)
    {
        var epoch = await feed.ReadEpoch(cancellationToken);
        var needed = point.Newest ? await feed.ReadNewest(cancellationToken) : 0;
        var versions = point.Versions.Select(static seen => new StreamVersion(seen.Stream, seen.Version)).ToArray();
        if (versions.Length > 0) needed = Math.Max(needed, await feed.ReadPosition(versions, cancellationToken));
        if (point.Position is { } position && position.Epoch == epoch) needed = Math.Max(needed, position.Number);
        return (epoch, needed);
    }
}

/// <summary>Rows of a view.</summary>
/// <param name="Epoch">To which the position belongs.</param>
/// <param name="Position">Up to here, at least, everything that was published is in them.</param>
internal sealed record ViewPage<T>(List<T> Rows, string Epoch, long Position);

/// <summary>How far a view has to be before it is read.</summary>
/// <param name="Newest">Past everything that is committed when the read begins.</param>
/// <param name="Versions">Past these versions of owners' streams.</param>
/// <param name="Position">Past this position; one of another epoch means nothing, and is ignored.</param>
public sealed record ReadPoint(bool Newest, IReadOnlyList<SeenVersion> Versions, AsOf? Position)
{
    public static ReadPoint Any { get; } = new(false, [], null);

    /// <summary>Wherever the view is.</summary>
    public bool IsAny => !Newest && Versions.Count == 0 && Position is null;
}

/// <summary>A version of an owner's stream that somebody has seen.</summary>
/// <param name="Stream">The kind and the key, <c>order/ord_…</c>.</param>
public readonly record struct SeenVersion(string Stream, long Version);

/// <summary>A position of the feed, as readers are told it.</summary>
public sealed record AsOf(string Epoch, long Number);

/// <summary>The view did not come in time to where the reader asked for.</summary>
/// <param name="isMade">False while it is made anew and cannot be read at all.</param>
public sealed class ViewBehindException(string view, bool isMade) : Exception(
    isMade ? $"The list of {view} is behind what was asked for." : $"The list of {view} is being made.");

/// <summary>The database of the views, or that of the journal, cannot be read.</summary>
public sealed class ViewUnavailableException(Exception cause) : Exception("The lists cannot be read.", cause);
