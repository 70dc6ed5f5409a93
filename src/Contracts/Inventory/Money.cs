namespace Holdfast.Contracts.Inventory;

/// <summary>An amount of money.</summary>
/// <param name="Amount">In minor units (cents, pence).</param>
/// <param name="Currency">An ISO 4217 code: three capital letters.</param>
[GenerateSerializer, Immutable, Alias("holdfast.Money")]
public readonly record struct Money([property: Id(0)] long Amount, [property: Id(1)] string Currency);
