using Holdfast.Contracts;
using Holdfast.Contracts.Orders;

namespace Holdfast.Domain.Orders;

/// <summary>What the shop says of its order: nothing follows from it. Never changed in place.</summary>
/// <param name="Metadata">Null for none.</param>
public sealed record OrderText(string? Reference, Dictionary<string, string>? Metadata)
{
    public static readonly OrderText None = new(null, null);

    /// <summary>By name.</summary>
    public MetadataEntry[] Entries =>
    [
        .. (Metadata ?? []).OrderBy(static entry => entry.Key, StringComparer.Ordinal)
            .Select(static entry => new MetadataEntry(entry.Key, entry.Value)),
    ];

    /// <summary>As it is stored: sorted, so that the same entries always are so in the same way; null for none.</summary>
    public static Dictionary<string, string>? Stored(IEnumerable<MetadataEntry> entries)
    {
        var stored = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in entries)
        {
            if (value is null) stored.Remove(name);
            else stored[name] = value;
        }

        return stored.Count == 0 ? null : new(stored, StringComparer.Ordinal);
    }

    public bool Says(OrderText other) => Reference == other.Reference && Entries.AsSpan().SequenceEqual(other.Entries);

    public OrderText With(DescribeOrder change)
    {
        var metadata = change.ClearsMetadata ? [] : Entries;
        return new(change.SetsReference ? change.Reference : Reference, Stored(metadata.Concat(change.Metadata)));
    }
}
