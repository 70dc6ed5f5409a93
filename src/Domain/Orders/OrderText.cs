using Holdfast.Contracts;
using Holdfast.Contracts.Orders;

namespace Holdfast.Domain.Orders;

/// <summary>What the shop says of its order: nothing follows from it. Never changed in place.</summary>
/// <param name="Metadata">Null for none.</param>
public sealed record OrderText(string? Reference, Dictionary<string, string>? Metadata)
{
    public static readonly OrderText None = new(null, null);

    /// <summary>By name.</summary>
    public MetadataEntry[] Entries => StoredMetadata.Entries(Metadata);

    public static Dictionary<string, string>? Stored(IEnumerable<MetadataEntry> entries) => StoredMetadata.Of(entries);

    public bool Says(OrderText other) => Reference == other.Reference && Entries.AsSpan().SequenceEqual(other.Entries);

    public OrderText With(DescribeOrder change)
    {
        var metadata = change.ClearsMetadata ? [] : Entries;
        return new(change.SetsReference ? change.Reference : Reference, Stored(metadata.Concat(change.Metadata)));
    }
}
