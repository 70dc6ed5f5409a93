namespace Holdfast.Contracts.Inventory;

/// <summary>What the shop shows of a product.</summary>
/// <param name="Version">The version of the last change of the details; sales and stock changes do not move it.</param>
[GenerateSerializer, Immutable, Alias("holdfast.ProductDetails")]
public sealed record ProductDetails(
    [property: Id(0)] string Sku, [property: Id(1)] string Name, [property: Id(2)] Money UnitPrice, [property: Id(3)] long Version)
{
    /// <summary>The shop's own number or name for it; need not be unique.</summary>
    [Id(4)]
    public string? Reference { get; init; }

    /// <summary>By name.</summary>
    [Id(5)]
    public MetadataEntry[] Metadata { get; init; } = [];

    /// <summary>It is not for sale any more: nobody can reserve it.</summary>
    [Id(6)]
    public bool Archived { get; init; }

    /// <summary>Null in what was stored before it was kept.</summary>
    [Id(7)]
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When the details were last changed. Null in what was stored before it was kept.</summary>
    [Id(8)]
    public DateTimeOffset? UpdatedAt { get; init; }
}

/// <summary>Create or replace.</summary>
/// <param name="IfVersion">Only when the details have this version.</param>
/// <param name="IfAbsent">Only when the product does not exist.</param>
[GenerateSerializer, Immutable, Alias("holdfast.PutProduct")]
public sealed record PutProduct(
    [property: Id(0)] Operation Operation,
    [property: Id(1)] string Name,
    [property: Id(2)] Money UnitPrice,
    [property: Id(3)] long? IfVersion,
    [property: Id(4)] bool IfAbsent)
{
    /// <summary>The shop's own number or name for it.</summary>
    [Id(5)]
    public string? Reference { get; init; }

    /// <summary>What the shop keeps with it.</summary>
    [Id(6)]
    public MetadataEntry[] Metadata { get; init; } = [];

    /// <summary>It is not for sale any more.</summary>
    [Id(7)]
    public bool Archived { get; init; }
}

public enum PutProductStatus
{
    Created = 0,
    Replaced = 1,

    /// <summary>The details have another version, or exist although they should not.</summary>
    VersionMismatch = 2,
    KeyReused = 3,

    /// <summary>The product has prices to come, which are in the currency that it has.</summary>
    CurrencyScheduled = 4,
}

/// <param name="Details">The details as they are now; null when the product does not exist.</param>
/// <param name="Replayed">They were put by an earlier call with the same operation id.</param>
[GenerateSerializer, Immutable, Alias("holdfast.PutProductOutcome")]
public sealed record PutProductOutcome(
    [property: Id(0)] PutProductStatus Status, [property: Id(1)] ProductDetails? Details, [property: Id(2)] bool Replayed = false);

/// <summary>Changes some of the details. What is null here stays, unless something else is said of it.</summary>
/// <param name="IfVersion">Only when the details have this version.</param>
/// <param name="Amount">Of the unit price, in minor units.</param>
/// <param name="Currency">Of the unit price.</param>
/// <param name="Reference">The new one, when <paramref name="SetsReference"/>; null for none.</param>
/// <param name="ClearsMetadata">What there is goes, before the entries come.</param>
/// <param name="Metadata">Entries that come, change or go.</param>
[GenerateSerializer, Immutable, Alias("holdfast.PatchProduct")]
public sealed record PatchProduct(
    [property: Id(0)] Operation Operation,
    [property: Id(1)] long? IfVersion,
    [property: Id(2)] string? Name,
    [property: Id(3)] long? Amount,
    [property: Id(4)] string? Currency,
    [property: Id(5)] bool? Archived,
    [property: Id(6)] bool SetsReference,
    [property: Id(7)] string? Reference,
    [property: Id(8)] bool ClearsMetadata,
    [property: Id(9)] MetadataEntry[] Metadata);

public enum PatchProductStatus
{
    Patched = 0,

    /// <summary>There is nothing to patch.</summary>
    NotFound = 1,
    VersionMismatch = 2,

    /// <summary>It would have more than <see cref="Limits.MetadataEntries"/>.</summary>
    TooManyEntries = 3,
    KeyReused = 4,

    /// <inheritdoc cref="PutProductStatus.CurrencyScheduled" />
    CurrencyScheduled = 5,
}

/// <param name="Details">The details as they are now; null when the product does not exist.</param>
/// <param name="Replayed">They were patched by an earlier call with the same operation id.</param>
[GenerateSerializer, Immutable, Alias("holdfast.PatchProductOutcome")]
public sealed record PatchProductOutcome(
    [property: Id(0)] PatchProductStatus Status, [property: Id(1)] ProductDetails? Details = null, [property: Id(2)] bool Replayed = false);
