using Holdfast.Outbox.Lanes;

namespace Holdfast.Outbox.Ownership;

/// <summary>
/// Which silo owns which lane: a pure function of the silos that take part, so that all of them come to the same answer without
/// asking each other. Within each class the counts differ by at most one.
/// </summary>
public static class LaneAssignment
{
    /// <summary>The owner of each lane; all null when there is no silo.</summary>
    /// <remarks>
    /// Rendezvous hashing with a capacity: pairs of lane and silo are taken in the order of their weights, each lane once, until a
    /// silo has its share. A silo that comes or goes changes little but its own share.
    /// </remarks>
    public static SiloAddress?[] Assign(IEnumerable<SiloAddress> silos)
    {
        var names = silos.Distinct().Select(static silo => (silo, name: silo.ToParsableString())).ToArray();
        var owners = new SiloAddress?[LaneNumbers.Count];
        if (names.Length == 0) return owners;
        foreach (var laneClass in LaneNumbers.Classes)
        {
            var (first, count) = LaneNumbers.Of(laneClass);
            var pairs = Enumerable.Range(first, count)
                .SelectMany(lane => names.Select(each => (lane, each.silo, each.name, weight: Weight(lane, each.name))))
                .OrderByDescending(static pair => pair.weight)
                .ThenBy(static pair => pair.name, StringComparer.Ordinal);
            var (share, larger) = Math.DivRem(count, names.Length);
            var owned = names.ToDictionary(static each => each.silo, static _ => 0);
            foreach (var (lane, silo, _, _) in pairs)
            {
                if (owners[lane] is not null || owned[silo] > share || (owned[silo] == share && larger == 0)) continue;
                if (owned[silo]++ == share) larger--;
                owners[lane] = silo;
            }
        }

        return owners;
    }

    /// <summary>The finalizer of SplitMix64: the hash of the name alone would give neighbouring lanes to one silo.</summary>
    private static ulong Weight(int lane, string silo)
    {
        var x = unchecked((((ulong)Journal.StableHash.Of(silo) << 32) | (uint)lane) + 0x9E3779B97F4A7C15);
        x = unchecked((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9);
        x = unchecked((x ^ (x >> 27)) * 0x94D049BB133111EB);
        return x ^ (x >> 31);
    }
}
