using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Domain.Inventory;

/// <summary>What a product remembers of the sources that number what they tell it.</summary>
public sealed class SourceBook
{
    private readonly SortedDictionary<string, SourceLog> _sources = new(StringComparer.Ordinal);

    /// <summary>Numbers that are remembered, of all sources.</summary>
    public int Size => _sources.Values.Sum(static log => log.Count);

    public bool IsFull => _sources.Count >= Limits.Sources;

    /// <summary>Null when the source has told nothing yet.</summary>
    public SourceLog? Find(string source) => _sources.GetValueOrDefault(source);

    public void Record(string source, long sequence, SourceEntry entry)
    {
        if (!_sources.TryGetValue(source, out var log)) _sources.Add(source, log = new());
        log.Record(sequence, entry);
    }

    /// <summary>A copy that no later event changes.</summary>
    public SourceSnapshot[] Capture() => [.. _sources.Select(static source => source.Value.Capture(source.Key))];

    /// <returns>Null for none.</returns>
    public static SourceBook? Restore(SourceSnapshot[]? sources)
    {
        if (sources is null) return null;
        var book = new SourceBook();
        foreach (var source in sources) book._sources.Add(source.Source, SourceLog.Restore(source));
        return book;
    }
}

/// <summary>The newest numbers of one source, and what it said under each.</summary>
public sealed class SourceLog
{
    private readonly SortedList<long, SourceEntry> _entries = [];

    public int Count => _entries.Count;

    /// <summary>Of the last count that was applied; 0 when there is none.</summary>
    public long LastCount { get; private set; }

    /// <summary>The lowest number that is remembered if it was used, and taken if it was not.</summary>
    public long Oldest => _entries.Count == 0 ? 1 : Math.Max(1, _entries.GetKeyAtIndex(_entries.Count - 1) - Limits.SourceNumbers + 1);

    public bool TryGet(long sequence, out SourceEntry entry) => _entries.TryGetValue(sequence, out entry);

    /// <summary>
    /// Units that the source has added since then, by its own order. Whatever it counted is not among them: asked of nothing below
    /// <see cref="LastCount"/>, so all of them are applied, and in what is remembered.
    /// </summary>
    public long DeltasAbove(long sequence)
    {
        var sum = 0L;
        for (var i = _entries.Count - 1; i >= 0 && _entries.GetKeyAtIndex(i) > sequence; i--) sum += _entries.GetValueAtIndex(i).Value;
        return sum;
    }

    public void Record(long sequence, SourceEntry entry)
    {
        _entries[sequence] = entry;
        if (entry is { IsCount: true, IsSuperseded: false }) LastCount = sequence;
        while (_entries.GetKeyAtIndex(0) < Oldest) _entries.RemoveAt(0);
    }

    public SourceSnapshot Capture(string source) =>
        new(source, LastCount, [.. _entries.Select(static entry => new SourceEntrySnapshot(
            entry.Key,
            entry.Value.Version,
            entry.Value.Value,
            entry.Value.IsCount ? true : null,
            entry.Value.IsSuperseded ? true : null,
            entry.Value.EffectiveAt))]);

    public static SourceLog Restore(SourceSnapshot snapshot)
    {
        var log = new SourceLog { LastCount = snapshot.LastCount };
        foreach (var (sequence, version, value, isCount, isSuperseded, effectiveAt) in snapshot.Entries)
        {
            log._entries.Add(sequence, new(version, value, isCount == true, isSuperseded == true, effectiveAt));
        }

        return log;
    }
}

/// <summary>What a source said under one number.</summary>
/// <param name="Version">Of the event.</param>
/// <param name="Value">The delta, or what was counted.</param>
/// <param name="IsSuperseded">It came after a later count, and changed nothing.</param>
/// <param name="EffectiveAt">Unix milliseconds since when it has been so; null when that is when it was recorded.</param>
public readonly record struct SourceEntry(long Version, long Value, bool IsCount, bool IsSuperseded, long? EffectiveAt)
{
    /// <summary>Whether it is the same as what is told now, but for its reason and reference.</summary>
    public bool Says(AdjustStock command) =>
        (IsCount ? command.Count == Value : command.Count is null && command.Delta == Value)
        && command.EffectiveAt?.ToUnixTimeMilliseconds() == EffectiveAt;
}

/// <summary>A source as a product's snapshot stores it.</summary>
public sealed record SourceSnapshot(string Source, long LastCount, SourceEntrySnapshot[] Entries);

/// <param name="Count">Null when it was a delta.</param>
/// <param name="Superseded">Null when it was not.</param>
/// <param name="EffectiveAt">Unix milliseconds; null when it has none.</param>
public sealed record SourceEntrySnapshot(
    long Sequence, long Version, long Value, bool? Count, bool? Superseded, long? EffectiveAt = null);
