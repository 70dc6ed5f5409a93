namespace Holdfast.Journal;

/// <summary>
/// A state at one version, so that a long stream need not be replayed from its start. Never truth: delete them all and nothing
/// is lost.
/// </summary>
/// <param name="Version">The last version of the append after which the state was taken.</param>
/// <param name="PublishedVersion">The last version of the newest append up to there that is published; 0 when there is none.</param>
/// <param name="Shape">Identifies how the owner wrote <paramref name="State"/>; an unknown shape is ignored.</param>
/// <param name="State">JSON, UTF-8.</param>
/// <param name="ETag">What the store gave when the snapshot was read or written; null when there is none.</param>
public sealed record Snapshot(long Version, long PublishedVersion, string Shape, ReadOnlyMemory<byte> State, string? ETag);

/// <summary>Keeps at most one snapshot a stream, under the ETag check of Orleans' grain storage.</summary>
public interface ISnapshots
{
    /// <summary>The stream's snapshot, or null when there is none or it cannot be read.</summary>
    Task<Snapshot?> Read(string stream);

    /// <summary>Replaces the snapshot that has this ETag; the new ETag is in the result.</summary>
    /// <exception cref="Orleans.Storage.InconsistentStateException">Another activation wrote one.</exception>
    Task<Snapshot> Write(string stream, Snapshot snapshot);

    /// <summary>Removes the snapshot and its bytes.</summary>
    Task Erase(string stream);
}
