using Holdfast.Journal.Writing;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Holdfast.Grains.GroupCommit;

/// <summary>Takes the snapshots of one owner, beside its work, and removes them when its history is erased. For the grain's own turns only.</summary>
internal sealed class SnapshotKeeper<TState, TEvent>(StreamLoad<TState, TEvent> load, StreamDefinition<TState, TEvent> definition, GroupCommitServices services, ILogger logger)
    where TState : class
    where TEvent : class
{
    private readonly string _stream = load.Stream;
    private long _version = load.SnapshotVersion;
    private string? _tag = load.SnapshotTag;
    private Task _writing = Task.CompletedTask;

    /// <summary>Copies the state, which is that after an append about to be submitted, when it is time for a snapshot; null when it is not.</summary>
    /// <param name="version">The append's last.</param>
    public Func<byte[]>? Prepare(TState state, long version) =>
        definition.Snapshots is { } format
        && _writing.IsCompleted
        && version - _version >= Math.Max(services.Options.Value.MinSnapshotTail, definition.Size(state) / 2)
            ? format.Capture(state)
            : null;

    /// <summary>Writes what was copied: its append is durable now.</summary>
    public void Start(Func<byte[]> write, long version)
    {
        _version = version;
        _writing = Write(write, version);
    }

    /// <summary>A failure is logged: the next load of the stream tries again.</summary>
    public async Task Erase()
    {
        if (definition.Snapshots is null) return;

        // A write that started before the erasure must not bring the person back.
        await _writing;
        try
        {
            await Task.Run(() => services.Snapshots.Erase(_stream));
            _tag = null;
        }
#pragma warning disable CA1031 // The tombstone is durable; the next load of the stream tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            GroupCommitLog.SnapshotNotErased(logger, exception, _stream);
        }
    }

    private async Task Write(Func<byte[]> write, long version)
    {
        try
        {
            var (shape, tag) = (definition.Snapshots!.Shape, _tag);

            // Off the grain's scheduler: writing takes as long as the state is large, and the store behind it blocks.
            _tag = await Task.Run(async () =>
            {
                var bytes = write();
                tag ??= (await services.Snapshots.Read(_stream))?.ETag;
                return (await services.Snapshots.Write(_stream, new(version, shape, bytes, tag))).ETag;
            });
            JournalMetrics.RecordSnapshot("written");
        }
        catch (InconsistentStateException)
        {
            _tag = null;
            JournalMetrics.RecordSnapshot("skipped");
        }
#pragma warning disable CA1031 // A snapshot is never truth: its failure is counted and reaches no caller.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            GroupCommitLog.SnapshotFailed(logger, exception, _stream, version);
            JournalMetrics.RecordSnapshot("failed");
        }
    }
}
