using Holdfast.Contracts;

namespace Holdfast.Grains.GroupCommit;

/// <summary>
/// The latest refusals of one activation, so that a retry gets the first answer. In memory only: a refusal that is forgotten
/// early is decided again, which is safe, because it had no effect.
/// </summary>
internal sealed class RefusalCache
{
    private const int Bound = 256;

    private readonly Dictionary<Guid, (ulong Fingerprint, object Outcome)> _byId = [];
    private readonly Queue<Guid> _order = [];

    public bool TryGet<TOutcome>(Operation operation, out TOutcome outcome)
    {
        if (_byId.Count > 0
            && _byId.TryGetValue(operation.Id, out var found)
            && found.Fingerprint == operation.Fingerprint
            && found.Outcome is TOutcome typed)
        {
            outcome = typed;
            return true;
        }

        outcome = default!;
        return false;
    }

    /// <summary>After an erasure: a refusal may quote what was erased.</summary>
    public void Clear()
    {
        _byId.Clear();
        _order.Clear();
    }

    public void Add(Operation operation, object outcome)
    {
        if (_byId.TryAdd(operation.Id, (operation.Fingerprint, outcome))) _order.Enqueue(operation.Id);
        if (_order.Count > Bound) _byId.Remove(_order.Dequeue());
    }
}
