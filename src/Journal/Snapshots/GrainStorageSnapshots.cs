using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Holdfast.Journal.Snapshots;

/// <summary>Snapshots in Orleans' grain storage, under its ETag check.</summary>
/// <param name="scrub">What the database needs after a removal so that the bytes are gone; null when nothing.</param>
public sealed partial class GrainStorageSnapshots(
    IGrainStorage storage, ILogger<GrainStorageSnapshots> logger, Func<Task>? scrub = null) : ISnapshots, IDisposable
{
    /// <summary>The name under which the grain storage is registered.</summary>
    public const string StorageName = "snapshots";

    private const string StateName = "snapshot";

    /// <summary>SQLite's writers wait for each other in busy loops on pool threads; snapshots are in no hurry.</summary>
    private readonly SemaphoreSlim oneWriter = new(1);

    private bool scrubOwed;

    [SuppressMessage("Design", "CA1031", Justification = "A snapshot is never truth: without it the stream is replayed from its start.")]
    public async Task<Snapshot?> Read(string stream)
    {
        try
        {
            var state = new GrainState<StoredSnapshot>();
            await storage.ReadStateAsync(StateName, Owner(stream), state);
            return state.RecordExists ? ToSnapshot(state) : null;
        }
        catch (Exception e)
        {
            LogUnreadable(logger, e, stream);
            return null;
        }
    }

    public async Task<Snapshot> Write(string stream, Snapshot snapshot)
    {
        var state = new GrainState<StoredSnapshot>
        {
            State = new StoredSnapshot
            {
                Version = snapshot.Version,
                PublishedVersion = snapshot.PublishedVersion,
                Shape = snapshot.Shape,
                State = snapshot.State,
            },
            ETag = snapshot.ETag,
            RecordExists = snapshot.ETag is not null,
        };
        await oneWriter.WaitAsync();
        try
        {
            await storage.WriteStateAsync(StateName, Owner(stream), state);
        }
        finally
        {
            oneWriter.Release();
        }

        return snapshot with { ETag = state.ETag };
    }

    public async Task Erase(string stream)
    {
        await oneWriter.WaitAsync();
        try
        {
            await Remove(stream);
            if (scrubOwed && scrub is not null) await scrub();
            scrubOwed = false;
        }
        finally
        {
            oneWriter.Release();
        }
    }

    public void Dispose() => oneWriter.Dispose();

    private async Task Remove(string stream)
    {
        var state = new GrainState<StoredSnapshot>();
        await storage.ReadStateAsync(StateName, Owner(stream), state);
        if (!state.RecordExists) return;

        // Set before, so that an erasure that fails half-way is finished when it is tried again.
        scrubOwed = true;
        await storage.ClearStateAsync(StateName, Owner(stream), state);
    }

    /// <summary>A stream contains a slash, so grain storage never takes its name for an integer or a GUID.</summary>
    private static GrainId Owner(string stream) => GrainId.Create(StateName, stream);

    private static Snapshot ToSnapshot(GrainState<StoredSnapshot> state) =>
        new(state.State!.Version, state.State.PublishedVersion, state.State.Shape, state.State.State, state.ETag);

    [LoggerMessage(1, LogLevel.Warning, "The snapshot of {Stream} cannot be read; the stream is replayed without it")]
    private static partial void LogUnreadable(ILogger logger, Exception exception, StreamLabel stream);
}
