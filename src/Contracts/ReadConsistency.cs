namespace Holdfast.Contracts;

/// <summary>How sure a read must be that nobody has overtaken its owner.</summary>
public enum ReadConsistency
{
    /// <summary>
    /// From the owner's memory while its silo holds its lease. Sees every change that was acknowledged before, unless silos have just
    /// come, gone or been cut off: then another one may have acknowledged a change that this memory does not know yet. How that can be,
    /// and for how long: docs/design/cluster.md.
    /// </summary>
    Default = 0,

    /// <summary>Linearizable whatever happens to silos and networks: the owner first asks the store whether it is still the newest.</summary>
    Strong = 1,
}
