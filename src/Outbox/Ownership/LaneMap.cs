using Holdfast.Outbox.Lanes;

namespace Holdfast.Outbox.Ownership;

/// <summary>Who owns which lane, as this silo sees it. Silos may see it differently for a moment: that only costs duplicates.</summary>
/// <remarks>Thread-safe: membership changes it, everyone reads it.</remarks>
public sealed class LaneMap(ILocalSiloDetails local)
{
    private readonly Lock _lock = new();
    private readonly HashSet<SiloAddress> _leaving = [];
    private HashSet<SiloAddress> _active = [];
    private volatile SiloAddress?[] _owners = new SiloAddress?[LaneNumbers.Count];
    private volatile SiloAddress?[] _previous = new SiloAddress?[LaneNumbers.Count];

    /// <summary>Some lane may have another owner, or a silo has gone.</summary>
    public event Action? Changed;

    public SiloAddress Self => local.SiloAddress;

    /// <summary>The membership is known, so that a lane without an owner has none.</summary>
    public bool IsKnown => Array.Exists(_owners, static owner => owner is not null);

    /// <summary>This silo has begun to leave.</summary>
    public bool IsLeaving
    {
        get
        {
            lock (_lock) return _leaving.Contains(Self);
        }
    }

    /// <summary>The lanes of this silo.</summary>
    public IReadOnlyList<int> Mine
    {
        get
        {
            var owners = _owners;
            return [.. Enumerable.Range(0, owners.Length).Where(lane => Self.Equals(owners[lane]))];
        }
    }

    /// <summary>Active silos but this one, those that are leaving included.</summary>
    public IReadOnlyList<SiloAddress> Others
    {
        get
        {
            lock (_lock) return [.. _active.Where(silo => !Self.Equals(silo))];
        }
    }

    /// <summary>Null when nobody is known to own it.</summary>
    public SiloAddress? OwnerOf(int lane) => _owners[lane];

    /// <summary>The living silo that owned the lane before this one did, and may still be busy with its messages.</summary>
    public SiloAddress? PreviousOwnerOf(int lane)
    {
        lock (_lock) return _previous[lane] is { } previous && _active.Contains(previous) ? previous : null;
    }

    public bool IsActive(SiloAddress silo)
    {
        lock (_lock) return _active.Contains(silo);
    }

    public void SetActive(IEnumerable<SiloAddress> active)
    {
        lock (_lock)
        {
            // A silo that has just joined owned nothing before: what it gets is what the others had.
            if (_active.Count == 0) _owners = LaneAssignment.Assign(active.Where(silo => !Self.Equals(silo)));
            _active = [.. active];
            _leaving.IntersectWith(_active);
            Assign();
        }

        Changed?.Invoke();
    }

    /// <summary>
    /// The silo is going to stop: it gives up its lanes before the membership says so, because that comes only after its grains
    /// have ended. An incarnation that said it is leaving never stays.
    /// </summary>
    public void SetLeaving(SiloAddress silo)
    {
        lock (_lock)
        {
            if (!_leaving.Add(silo)) return;
            Assign();
        }

        Changed?.Invoke();
    }

    private void Assign()
    {
        var before = _owners;
        var owners = LaneAssignment.Assign(_active.Except(_leaving));
        var previous = (SiloAddress?[])_previous.Clone();
        for (var lane = 0; lane < owners.Length; lane++)
        {
            if (!Equals(owners[lane], before[lane])) previous[lane] = before[lane];
        }

        (_previous, _owners) = (previous, owners);
    }
}
