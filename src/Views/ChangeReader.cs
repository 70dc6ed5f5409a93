using Holdfast.Journal;
using Holdfast.Journal.Feed;
using Holdfast.Views.Store;
using Microsoft.Extensions.Logging;

namespace Holdfast.Views;

/// <summary>
/// The second guard: a published append names the version of the one before it, so it is only applied onto that one. The feed's order alone
/// should see to that. If it ever does not, the hole is read from the journal by key, and counted.
/// </summary>
internal sealed partial class ChangeReader(IView view, ViewStore store, IJournalStore journal, ViewMetrics metrics, ILogger logger)
{
    /// <summary>Versions that are remembered, so that they need not be looked up.</summary>
    private const int MaxRemembered = 50_000;

    /// <summary>Rows of a stream read at once to fill a hole.</summary>
    private const int HoleRows = 256;

    private readonly Dictionary<(long Generation, string Stream), long> _versions = [];

    /// <summary>What some rows of the feed change.</summary>
    public async Task<IReadOnlyList<StreamChange>> OfFeed(
        IReadOnlyList<FeedRow> rows, ViewTables tables, CancellationToken cancellationToken)
    {
        var streams = rows.GroupBy(static row => row.Stream).ToArray();
        await LookUp([.. streams.Select(static stream => stream.Key)], tables, cancellationToken);
        var changes = new List<StreamChange>(streams.Length);
        foreach (var stream in streams)
        {
            var before = VersionOf(stream.Key, tables) ?? stream.First().Follows;
            var behind = await Connect(stream.Key, before, [.. stream.Where(row => row.Row.LastVersion > before)], cancellationToken);
            if (behind.Count > 0) changes.Add(new(stream.Key, before, behind));
        }

        return changes;
    }

    /// <summary>What some rows of streams change that were found by their keys, one stream behind the other.</summary>
    public async Task<IReadOnlyList<StreamChange>> OfWalk(
        IReadOnlyList<StreamRow> rows, ViewTables tables, CancellationToken cancellationToken)
    {
        var streams = rows.Where(row => view.Publishes(row.Row)).GroupBy(static row => row.Stream).ToArray();
        await LookUp([.. streams.Select(static stream => stream.Key)], tables, cancellationToken);
        return
        [
            .. streams.Select(stream => new StreamChange(
                stream.Key,
                VersionOf(stream.Key, tables) ?? stream.First().Row.FirstVersion - 1,
                [.. stream.Select(static row => row.Row)])),
        ];
    }

    /// <summary>These changes are stored.</summary>
    public void Remember(ViewTables tables, IReadOnlyList<StreamChange> changes)
    {
        if (_versions.Count + changes.Count > MaxRemembered) _versions.Clear();
        foreach (var change in changes) _versions[(tables.Generation, change.Stream)] = change.After;
    }

    /// <summary>Somebody else has changed the view.</summary>
    public void Forget() => _versions.Clear();

    private async Task<IReadOnlyList<JournalRow>> Connect(
        string stream, long before, FeedRow[] rows, CancellationToken cancellationToken)
    {
        var connected = new List<JournalRow>(rows.Length);
        foreach (var row in rows)
        {
            if (row.Follows > before)
            {
                metrics.FoundHole(view.Name);
                LogHole(stream, view.Name, before, row.Follows);
                connected.AddRange(await ReadHole(stream, before, row.Row.FirstVersion, cancellationToken));
            }

            connected.Add(row.Row);
            before = row.Row.LastVersion;
        }

        return connected;
    }

    private async Task<IReadOnlyList<JournalRow>> ReadHole(string stream, long after, long before, CancellationToken cancellationToken)
    {
        var found = new List<JournalRow>();
        while (true)
        {
            var rows = await journal.ReadForward(stream, after, HoleRows, cancellationToken);
            found.AddRange(rows.Where(row => row.FirstVersion < before && view.Publishes(row)));
            if (rows.Count < HoleRows || rows[^1].LastVersion + 1 >= before) return found;
            after = rows[^1].LastVersion;
        }
    }

    /// <summary>Null when that is not known: the view then takes in the whole stream.</summary>
    private long? VersionOf(string stream, ViewTables tables) =>
        _versions.TryGetValue((tables.Generation, stream), out var version) ? version : null;

    /// <summary>Makes the versions known that are stored, if any are.</summary>
    private async Task LookUp(IReadOnlyList<string> streams, ViewTables tables, CancellationToken cancellationToken)
    {
        if (view.HealsItself) return;
        if (_versions.Count + streams.Count > MaxRemembered) _versions.Clear();
        var unknown = streams.Where(stream => !_versions.ContainsKey((tables.Generation, stream))).ToArray();
        if (unknown.Length == 0) return;
        var stored = await store.Read(
            store.Among($"SELECT stream, version FROM {tables.Streams} WHERE stream", unknown),
            static row => (Stream: row.GetString(0), Version: row.GetInt64(1)),
            cancellationToken);

        // Not before they are read: a question that failed says nothing of them.
        foreach (var stream in unknown) _versions[(tables.Generation, stream)] = 0;
        foreach (var (stream, version) in stored) _versions[(tables.Generation, stream)] = version;
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The feed left out appends of {Stream} on its way to the view {View}: it has version {Has}, the next names {Follows}. "
            + "They are read from the journal. Please report this")]
    private partial void LogHole(StreamLabel stream, string view, long has, long follows);
}
