using Holdfast.Domain.Owner;
using Holdfast.Journal;
using Holdfast.Journal.Writing;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Holdfast.Grains.Hosting;

/// <summary>
/// The snapshot of one stream: found when the stream is loaded, taken anew beside its owner's work, removed when its history is erased.
/// A snapshot is never truth, so no failure reaches a caller. One at a time uses it: the load, then the owner.
/// </summary>
internal sealed class SnapshotKeeper<TState, TEvent>(string stream, OwnerKind<TState, TEvent> kind, OwnerServices services, ILogger logger)
    where TState : class, IOwnerState<TEvent>
    where TEvent : class
{
    private string? _tag;
    private Task _writing = Task.CompletedTask;

    /// <summary>Of the snapshot that is stored, as far as is known; 0 for none.</summary>
    public long Version { get; private set; }

    /// <summary>What is stored, or null. It is not known yet whether it fits the stream: see <see cref="Use"/>.</summary>
    public async Task<Snapshot?> Find()
    {
        if (kind.Snapshots is null || await services.Snapshots.Read(stream) is not { } snapshot) return null;
        _tag = snapshot.ETag;
        return snapshot;
    }

    /// <summary>The stream is loaded from this snapshot.</summary>
    public void Use(Snapshot snapshot) => Version = snapshot.Version;

    /// <summary>Copies the state, which is that after an append about to be submitted, when it is time for a snapshot; null when it is not.</summary>
    /// <param name="version">The append's last.</param>
    public Func<byte[]>? Prepare(TState state, long version) =>
        kind.Snapshots is { } format && _writing.IsCompleted && version - Version >= Math.Max(services.Options.Value.MinSnapshotTail, state.Size / 2)
            ? format.Capture(state)
            : null;

    /// <summary>Writes what was copied: its append is durable now.</summary>
    /// <param name="publishedVersion">The last version of the newest append up to there that is published.</param>
    public void Start(Func<byte[]> write, long version, long publishedVersion)
    {
        Version = version;

        // Off the grain's scheduler: writing takes as long as the state is large, and the store behind it blocks.
        _writing = Write(version, () => Task.Run(() => Store(write, version, publishedVersion)));
    }

    /// <summary>Leaves a snapshot of a stream that is being loaded, so that not even the end of the process costs what was read.</summary>
    /// <param name="version">Up to which it is read; all of that is durable.</param>
    /// <param name="publishedVersion">The last version of the newest append up to there that is published.</param>
    public async Task Leave(TState state, long version, long publishedVersion)
    {
        if (kind.Snapshots is not { } format || version - Version < services.Options.Value.MinSnapshotTail) return;
        if (await Write(version, () => Store(format.Capture(state), version, publishedVersion))) Version = version;
    }

    /// <summary>A failure is logged: the next load of the stream tries again.</summary>
    public async Task Erase()
    {
        if (kind.Snapshots is null) return;

        // A write that started before the erasure must not bring the person back.
        await _writing;
        try
        {
            await Task.Run(() => services.Snapshots.Erase(stream));
            _tag = null;
        }
#pragma warning disable CA1031 // The tombstone is durable; the next load of the stream tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            OwnerLog.SnapshotNotErased(logger, exception, stream);
        }
    }

    private async Task<string?> Store(Func<byte[]> write, long version, long publishedVersion)
    {
        var bytes = write();
        var tag = _tag ?? (await services.Snapshots.Read(stream))?.ETag;
        return (await services.Snapshots.Write(stream, new(version, publishedVersion, kind.Snapshots!.Shape, bytes, tag))).ETag;
    }

    private async Task<bool> Write(long version, Func<Task<string?>> store)
    {
        try
        {
            _tag = await store();
            JournalMetrics.RecordSnapshot("written");
            return true;
        }
        catch (InconsistentStateException)
        {
            // Somebody else's is there, which is as good.
            _tag = null;
            JournalMetrics.RecordSnapshot("skipped");
            return false;
        }
#pragma warning disable CA1031 // Its failure is counted and reaches no caller.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            OwnerLog.SnapshotFailed(logger, exception, stream, version);
            JournalMetrics.RecordSnapshot("failed");
            return false;
        }
    }
}
