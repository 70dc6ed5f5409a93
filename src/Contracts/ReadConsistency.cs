namespace Holdfast.Contracts;

/// <summary>How sure a read must be that nobody has overtaken its owner.</summary>
public enum ReadConsistency
{
    /// <summary>
    /// From the owner's memory while its silo holds its lease. Sees every change that was acknowledged before, unless the cluster
    /// has declared the silo dead within the length of a lease, which the silo has not heard of yet.
    /// </summary>
    Default = 0,

    /// <summary>Linearizable whatever happens to silos and networks: the owner first asks the store whether it is still the newest.</summary>
    Strong = 1,
}
