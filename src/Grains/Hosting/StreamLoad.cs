using System.Text.Json;
using Holdfast.Domain.Owner;
using Holdfast.Journal;
using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Hosting;

/// <summary>
/// One stream on its way into memory: what its events say up to <see cref="Version"/>. It does not depend on an activation, so what was
/// read for one that has ended is as good for the next.
/// </summary>
internal sealed class StreamLoad<TState, TEvent>(
    OwnerKind<TState, TEvent> kind, string key, OwnerServices services, ILogger logger) : IStreamLoad
    where TState : class, IOwnerState<TEvent>
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

    public string Stream { get; } = $"{kind.Name}/{key}";

    public TState State { get; private set; } = kind.NewState(key);

    public long Version { get; private set; }

    public long LastVersion { get; private set; }

    public DateTimeOffset LastRecorded { get; private set; }

    /// <summary>The last version of the newest append that is published; 0 when there is none.</summary>
    public long PublishedVersion { get; private set; }

    /// <summary>A tombstone was among what was read.</summary>
    public bool Erased { get; private set; }

    public SnapshotKeeper<TState, TEvent> Snapshots { get; } = new($"{kind.Name}/{key}", kind, services, logger);

    public Task? Running { get; set; }

    public void GiveUp() => _givenUp = true;

    /// <summary>Reads the newest rows and, when there are more than those, the snapshot. True when that was all.</summary>
    public async Task<bool> ReadNewest(CancellationToken cancellationToken)
    {
        var limit = kind.Snapshots is null ? LoadRows : LoadRowsBeforeSnapshot;
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
                throw new InvariantViolationException(
                    $"{new StreamLabel(Stream)} has no row that starts at version {Version + 1}, though it reaches {LastVersion}.");
            }

            foreach (var row in rows) Replay(row);

            // Long in the table; or they would pile up, all that ever moved.
            State.Receipts?.ForgetMoved();
            if (services.Clock.GetElapsedTime(saidAt) >= ProgressPeriod)
            {
                (_isLong, saidAt) = (true, services.Clock.GetTimestamp());
                OwnerLog.Loading(logger, Stream, Version, LastVersion);
            }

            if (services.Clock.GetElapsedTime(capturedAt) < services.Options.Value.LoadSnapshotPeriod) continue;
            await Snapshots.Leave(State, Version, PublishedVersion);
            capturedAt = services.Clock.GetTimestamp();
        }

        if (!_isLong) return;
        await Snapshots.Leave(State, Version, PublishedVersion);
        var elapsed = services.Clock.GetElapsedTime(started);
        OwnerLog.Loaded(logger, Stream, Version, Version - first, elapsed);
    }

    private async Task RestoreSnapshot(IReadOnlyList<JournalRow> newest, CancellationToken cancellationToken)
    {
        if (await Snapshots.Find() is not { } snapshot) return;
        if (await IsAppendBoundary(newest, snapshot.Version, cancellationToken)) TryRestore(snapshot);
    }

    private async Task<bool> IsAppendBoundary(IReadOnlyList<JournalRow> newest, long version, CancellationToken cancellationToken) =>
        newest.Any(row => row.LastVersion == version)
        || (version < newest[^1].FirstVersion
            && await services.Store.ReadBackward(Stream, version + 1, 1, cancellationToken) is [var row]
            && row.LastVersion == version);

    private void TryRestore(Snapshot snapshot)
    {
        if (kind.Snapshots!.ReaderOf(snapshot.Shape) is not { } restore)
        {
            OwnerLog.SnapshotOfAnotherShape(logger, Stream, snapshot.Shape, LastVersion);
            return;
        }

        try
        {
            State = restore(key, snapshot.State);
            (Version, PublishedVersion) = (snapshot.Version, snapshot.PublishedVersion);
            Snapshots.Use(snapshot);
        }
        catch (JsonException exception)
        {
            OwnerLog.SnapshotUnreadable(logger, exception, Stream, snapshot.Version);
        }
    }

    private void Replay(JournalRow row)
    {
        LastRecorded = row.RecordedAt > LastRecorded ? row.RecordedAt : LastRecorded;
        var (erases, published) = kind.Replay(State, row.Events.Span, row.FirstVersion, row.RecordedAt);
        Erased |= erases;
        if (published) PublishedVersion = row.LastVersion;

        // An erased row has versions and no events.
        Version = row.LastVersion;
    }
}
