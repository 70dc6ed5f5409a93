namespace Holdfast.Domain.Leases;

/// <summary>Where a store keeps its key for the MACs of lease tokens: a row of its own beside no stream. Stored.</summary>
public static class LeaseSecretName
{
    public const string Stream = "leases/all";
    public const string Name = "mac";
}
