namespace Holdfast.Contracts;

/// <summary>What a shop keeps of its own beside something of ours: names and texts that mean nothing here.</summary>
/// <param name="Value">In a change: null removes the entry.</param>
[GenerateSerializer, Immutable, Alias("holdfast.MetadataEntry")]
public readonly record struct MetadataEntry([property: Id(0)] string Name, [property: Id(1)] string? Value);
