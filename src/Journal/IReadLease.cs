namespace Holdfast.Journal;

/// <summary>
/// Whether this silo may answer from its owners' memory. Writes need no lease: each is checked against the journal. A read is
/// checked against nothing, and a silo that was paused or cut off does not know that others have gone on without it.
/// </summary>
public interface IReadLease
{
    /// <summary>Cheap: asked for every answer that no append stands behind. False: ask the store first.</summary>
    bool IsHeld { get; }
}

/// <summary>For a store that one process owns: there is nobody who could overtake it.</summary>
public sealed class EmbeddedReadLease : IReadLease
{
    public bool IsHeld => true;
}
