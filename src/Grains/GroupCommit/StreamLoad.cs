using System.Text.Json;
using Holdfast.Journal;
using Holdfast.Journal.Writing;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Holdfast.Grains.GroupCommit;

/// <summary>
/// One stream on its way into memory: what its events say up to <see cref="Version"/>. It does not depend on an activation, so what was
/// read for one that has ended is as good for the next.
/// </summary>
internal sealed class StreamLoad<TState, TEvent>(
    StreamDefinition<TState, TEvent> definition, string key, GroupCommitServices services, ILogger logger) : IStreamLoad
    where TState : class
    where TEvent : class
{
    /// <summary>Rows read at once when a stream is loaded; a longer stream needs its snapshot.</summary>
    private const int LoadRows = 256;

    /// <summary>The same for owners that take snapshots: a long stream reads most of these in vain.</summary>
    private const int LoadRowsBeforeSnapshot = 32;

    /// <summary>A load that takes long says how far it is.</summary>
    private static readonly TimeSpan ProgressPeriod = TimeSpan.FromSeconds(10);

    private volatile bool _givenUp;
    private bool _isLong;

    public string Stream { get; } = $"{definition.Kind}/{key}";

    public TState State { get; private set; } = definition.NewState(key);

    public long Version { get; private set; }

    public long LastVersion { get; private set; }

    public DateTimeOffset LastRecorded { get; private set; }

    /// <summary>A tombstone was among what was read.</summary>
    public bool Erased { get; private set; }

    /// <summary>Of the snapshot that is stored, as far as is known.</summary>
    public long SnapshotVersion { get; private set; }

    public string? SnapshotTag { get; private set; }

    public Task? Running { get; set; }

    public void GiveUp() => _givenUp = true;

    /// <summary>Reads the newest rows and, when there are more than those, the snapshot. True when that was all.</summary>
    public async Task<bool> ReadNewest(CancellationToken cancellationToken)
    {
        var limit = definition.Snapshots is null ? LoadRows : LoadRowsBeforeSnapshot;
        var newest = await services.Store.ReadBackward(Stream, long.MaxValue, limit, cancellationToken);
        if (newest.Count == 0) return true;
        (LastVersion, LastRecorded) = (newest[0].LastVersion, newest[0].RecordedAt);
        if (newest[^1].FirstVersion > 1) await RestoreSnapshot(newest, cancellationToken);
        if (newest.Any(row => row.FirstVersion == Version + 1))
        {
            // All that came after the snapshot, or all there is, has been read already.
            foreach (var row in newest.Reverse().Where(row => row.FirstVersion > Version)) Replay(row);
        }

        return Version == LastVersion;
    }

    public async Task Continue(CancellationToken cancellationToken)
    {
        var (started, saidAt, capturedAt, first) = (services.Clock.GetTimestamp(), services.Clock.GetTimestamp(), services.Clock.GetTimestamp(), Version);
        if (Version == LastVersion) LastVersion = await services.Store.ReadVersion(Stream, cancellationToken);
        while (Version < LastVersion && !_givenUp)
        {
            var rows = await services.Store.ReadForward(Stream, Version, LoadRows, cancellationToken);
            if (rows.Count == 0 || rows[0].FirstVersion != Version + 1)
            {
                throw new InvariantViolationException($"{Stream} has no row that starts at version {Version + 1}, though it reaches {LastVersion}.");
            }

            foreach (var row in rows) Replay(row);

            // Long in the table; or they would pile up, all that ever moved.
            definition.Receipts(State)?.ForgetMoved();
            if (services.Clock.GetElapsedTime(saidAt) >= ProgressPeriod)
            {
                (_isLong, saidAt) = (true, services.Clock.GetTimestamp());
                GroupCommitLog.Loading(logger, Stream, Version, LastVersion);
            }

            if (services.Clock.GetElapsedTime(capturedAt) < services.Options.Value.LoadSnapshotPeriod) continue;
            await LeaveSnapshot();
            capturedAt = services.Clock.GetTimestamp();
        }

        if (!_isLong) return;
        await LeaveSnapshot();
        var elapsed = services.Clock.GetElapsedTime(started);
        GroupCommitLog.Loaded(logger, Stream, Version, Version - first, elapsed);
    }

    private async Task RestoreSnapshot(IReadOnlyList<JournalRow> newest, CancellationToken cancellationToken)
    {
        if (definition.Snapshots is null || await services.Snapshots.Read(Stream) is not { } snapshot) return;
        SnapshotTag = snapshot.ETag;
        if (await IsAppendBoundary(newest, snapshot.Version, cancellationToken)) TryRestore(snapshot);
    }

    private async Task<bool> IsAppendBoundary(IReadOnlyList<JournalRow> newest, long version, CancellationToken cancellationToken) =>
        newest.Any(row => row.LastVersion == version)
        || (version < newest[^1].FirstVersion
            && await services.Store.ReadBackward(Stream, version + 1, 1, cancellationToken) is [var row]
            && row.LastVersion == version);

    private void TryRestore(Snapshot snapshot)
    {
        if (definition.Snapshots!.ReaderOf(snapshot.Shape) is not { } restore)
        {
            GroupCommitLog.SnapshotOfAnotherShape(logger, Stream, snapshot.Shape, LastVersion);
            return;
        }

        try
        {
            State = restore(key, snapshot.State);
            Version = SnapshotVersion = snapshot.Version;
        }
        catch (JsonException exception)
        {
            GroupCommitLog.SnapshotUnreadable(logger, exception, Stream, snapshot.Version);
        }
    }

    private void Replay(JournalRow row)
    {
        LastRecorded = row.RecordedAt > LastRecorded ? row.RecordedAt : LastRecorded;
        var version = row.FirstVersion;
        foreach (var @event in JsonSerializer.Deserialize(row.Events.Span, definition.Events) ?? [])
        {
            Erased |= definition.Erases(@event);
            definition.Apply(State, @event, version++, row.RecordedAt);
        }

        // An erased row has versions and no events.
        Version = row.LastVersion;
    }

    /// <summary>So that not even the end of the process costs what was read. What was read is durable, so this may be stored at once.</summary>
    private async Task LeaveSnapshot()
    {
        if (definition.Snapshots is not { } format || Version - SnapshotVersion < services.Options.Value.MinSnapshotTail) return;
        try
        {
            SnapshotTag ??= (await services.Snapshots.Read(Stream))?.ETag;
            SnapshotTag = (await services.Snapshots.Write(Stream, new(Version, format.Shape, format.Capture(State)(), SnapshotTag))).ETag;
            SnapshotVersion = Version;
            JournalMetrics.RecordSnapshot("written");
        }
        catch (InconsistentStateException)
        {
            SnapshotTag = null;
            JournalMetrics.RecordSnapshot("skipped");
        }
#pragma warning disable CA1031 // A snapshot is never truth: the load goes on without it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            GroupCommitLog.SnapshotFailed(logger, exception, Stream, Version);
            JournalMetrics.RecordSnapshot("failed");
        }
    }
}
