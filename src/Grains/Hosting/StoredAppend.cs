using Holdfast.Contracts;
using Holdfast.Journal;

namespace Holdfast.Grains.Hosting;

/// <summary>The last append of an activation, as the journal must still have it.</summary>
/// <param name="Hash">Of its events, as they were written; for this process only.</param>
internal readonly record struct StoredAppend(long FirstVersion, long LastVersion, int Hash)
{
    /// <summary>Rows to be read, behind the version before it: its own, and one that should not be there.</summary>
    public const int Rows = 2;

    public static StoredAppend Of(Append append) => new(append.FirstVersion, append.LastVersion, HashOf(append.Events));

    /// <summary>What is wrong, by the rows of its stream from its first version on; null when it is there, and is the last one.</summary>
    public RaceSign? Against(IReadOnlyList<JournalRow> rows)
    {
        if (rows.Count == 0 || rows[0].FirstVersion > LastVersion) return RaceSign.Lost;
        var (first, last, _, events) = rows[0];
        if (first != FirstVersion || last != LastVersion || !(HashOf(events) == Hash || IsErased(events))) return RaceSign.Overwritten;
        return rows.Count > 1 ? RaceSign.Overtaken : null;
    }

    /// <summary>An erasure leaves an empty list, as long as what was there.</summary>
    private static bool IsErased(ReadOnlyMemory<byte> events) => events.Span.StartsWith("[]"u8);

    private static int HashOf(ReadOnlyMemory<byte> events)
    {
        var hash = new HashCode();
        hash.AddBytes(events.Span);
        return hash.ToHashCode();
    }
}
