using System.ComponentModel.DataAnnotations;

namespace Holdfast.Journal.Writing;

/// <summary>Bounds of a silo's writer.</summary>
public sealed class JournalOptions
{
    /// <summary>Appends in one transaction, at most.</summary>
    [Range(1, 100_000)]
    public int MaxBatchAppends { get; set; } = 1_024;

    /// <summary>Appends waiting for a transaction; past it, decisions are refused as overloaded.</summary>
    [Range(1, 1_000_000)]
    public int MaxQueuedAppends { get; set; } = 20_000;

    /// <summary>Decisions of one grain that wait for their append; past it, the next one is refused as overloaded.</summary>
    [Range(1, 1_000_000)]
    public int MaxPendingEvents { get; set; } = 16_384;

    /// <summary>Events since the last snapshot for which another one is worth its write, at the least.</summary>
    [Range(1, 1_000_000_000)]
    public int MinSnapshotTail { get; set; } = 4_096;

    /// <summary>
    /// How long the callers of an owner that is not in memory wait for it to be read; then they are to repeat, and the reading goes on.
    /// Orleans itself ends an activation that is not ready after 30 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:25")]
    public TimeSpan LoadPatience { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a reading that takes long leaves a snapshot of what it has.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan LoadSnapshotPeriod { get; set; } = TimeSpan.FromSeconds(10);
}
