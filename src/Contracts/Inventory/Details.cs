namespace Holdfast.Contracts.Inventory;

/// <summary>What the shop shows of a product.</summary>
/// <param name="Version">The version of the last change of the details; sales and stock changes do not move it.</param>
[GenerateSerializer, Immutable, Alias("holdfast.ProductDetails")]
public sealed record ProductDetails(
    [property: Id(0)] string Sku, [property: Id(1)] string Name, [property: Id(2)] Money UnitPrice, [property: Id(3)] long Version);

/// <summary>Create or replace.</summary>
/// <param name="IfVersion">Only when the details have this version.</param>
/// <param name="IfAbsent">Only when the product does not exist.</param>
[GenerateSerializer, Immutable, Alias("holdfast.PutProduct")]
public sealed record PutProduct(
    [property: Id(0)] Operation Operation,
    [property: Id(1)] string Name,
    [property: Id(2)] Money UnitPrice,
    [property: Id(3)] long? IfVersion,
    [property: Id(4)] bool IfAbsent);

public enum PutProductStatus
{
    Created = 0,
    Replaced = 1,

    /// <summary>The details have another version, or exist although they should not.</summary>
    VersionMismatch = 2,
    KeyReused = 3,
}

/// <param name="Details">The details as they are now; null when the product does not exist.</param>
/// <param name="Replayed">They were put by an earlier call with the same operation id.</param>
[GenerateSerializer, Immutable, Alias("holdfast.PutProductOutcome")]
public sealed record PutProductOutcome(
    [property: Id(0)] PutProductStatus Status, [property: Id(1)] ProductDetails? Details, [property: Id(2)] bool Replayed = false);
