using Holdfast.Contracts;

namespace Holdfast.Domain;

/// <summary>Metadata as it is kept: what the shop says there, in one order. Never changed in place; null for none.</summary>
public static class StoredMetadata
{
    /// <summary>Sorted by name, so that the same entries always are stored in the same way. An entry without a text goes.</summary>
    public static Dictionary<string, string>? Of(IEnumerable<MetadataEntry> entries)
    {
        var stored = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in entries)
        {
            if (value is null) stored.Remove(name);
            else stored[name] = value;
        }

        return stored.Count == 0 ? null : new(stored, StringComparer.Ordinal);
    }

    /// <summary>By name.</summary>
    public static MetadataEntry[] Entries(Dictionary<string, string>? stored)
    {
        if (stored is null) return [];
        var entries = stored.OrderBy(static entry => entry.Key, StringComparer.Ordinal);
        return [.. entries.Select(static entry => new MetadataEntry(entry.Key, entry.Value))];
    }

    public static bool Same(Dictionary<string, string>? one, Dictionary<string, string>? other) =>
        Entries(one).AsSpan().SequenceEqual(Entries(other));
}
