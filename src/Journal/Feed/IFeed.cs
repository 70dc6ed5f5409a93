namespace Holdfast.Journal.Feed;

/// <summary>
/// The published appends of all streams, in an order in which nothing ever appears behind a reader: a transaction is shown whole, and only
/// when none that may still commit has an earlier place. See docs/design/feed.md.
/// </summary>
public interface IFeed
{
    /// <summary>Bytes of events behind which a page ends, whatever its limit: it has to fit in memory, and in one statement.</summary>
    const int MaxPageBytes = 4 * 1024 * 1024;

    /// <summary>
    /// Which run of positions this is: a store that was restored from a copy counts anew, and its positions mean nothing in front of those
    /// that were given before.
    /// </summary>
    Task<string> ReadEpoch(CancellationToken cancellationToken);

    /// <summary>The next transactions behind a position, whole.</summary>
    /// <param name="after">0 for the beginning.</param>
    /// <param name="limit">
    /// How many rows, but for those that complete the last transaction; fewer when they pass <see cref="MaxPageBytes"/>.
    /// </param>
    Task<FeedPage> Read(long after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// The position of the newest published append that anybody can see; 0 when there is none. The feed may not show it yet.
    /// </summary>
    Task<long> ReadNewest(CancellationToken cancellationToken);

    /// <summary>Up to where the feed can be read now: nothing will appear at or before this position any more.</summary>
    Task<long> ReadEnd(CancellationToken cancellationToken);

    /// <summary>Up to which position the feed has to be read to have seen all of these; 0 when none of them is published.</summary>
    Task<long> ReadPosition(IReadOnlyList<StreamVersion> versions, CancellationToken cancellationToken);

    /// <summary>What keeps the feed from showing what is committed.</summary>
    Task<FeedHorizon> ReadHorizon(CancellationToken cancellationToken);

    /// <summary>
    /// Rows of streams by their keys, published or not: all that was ever recorded, for whoever begins anew. It needs no positions, so it
    /// also gives what was stored before there were any.
    /// </summary>
    /// <param name="prefix">What the streams' names begin with.</param>
    /// <param name="after">Behind which row; the default is before all.</param>
    /// <param name="limit">How many rows; fewer when they pass <see cref="MaxPageBytes"/>. None is the end.</param>
    Task<IReadOnlyList<StreamRow>> Walk(string prefix, StreamVersion after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Begins a new epoch: positions that were given before mean nothing any more, and what was published until now may have none. For a
    /// store that was restored, or that lost commits in a failover.
    /// </summary>
    /// <returns>The new epoch.</returns>
    Task<string> Renew(CancellationToken cancellationToken);

    /// <summary>The first name, byte by byte, behind all that begin with a prefix.</summary>
    static string Behind(string prefix) => prefix[..^1] + (char)(prefix[^1] + 1);
}

/// <summary>A published append.</summary>
/// <param name="Position">Of its transaction.</param>
/// <param name="Follows">The last version of the stream's published append before it; 0 when there is none.</param>
public sealed record FeedRow(string Stream, long Position, long Follows, JournalRow Row);

/// <summary>A part of the feed.</summary>
/// <param name="Rows">Of one stream, oldest first.</param>
/// <param name="Through">The position up to which everything has been read; the one asked from when there is nothing behind it.</param>
/// <param name="More">There may be more to read at once.</param>
/// <param name="IsAhead">
/// The position asked from was never reached by this store: it was restored from an older copy, and <see cref="IFeed.Renew"/> is due.
/// </param>
public sealed record FeedPage(IReadOnlyList<FeedRow> Rows, long Through, bool More, bool IsAhead);

/// <summary>A stream up to a version.</summary>
public readonly record struct StreamVersion(string Stream, long Version);

/// <summary>A row of some stream.</summary>
public sealed record StreamRow(string Stream, JournalRow Row);

/// <summary>Whether somebody keeps the feed from going on.</summary>
/// <param name="Age">How long ago the oldest transaction began that may still write; zero when there is none.</param>
/// <param name="HeldBy">Who that is, for people; null when there is none, or it may not be seen.</param>
public sealed record FeedHorizon(TimeSpan Age, string? HeldBy);
