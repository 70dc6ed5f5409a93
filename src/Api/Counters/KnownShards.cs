using System.Collections.Concurrent;

namespace Holdfast.Api.Counters;

/// <summary>
/// How many shards counters have, of which this front door has heard. That never changes, but for a database that was restored from before:
/// so it is asked again once in a while.
/// </summary>
internal sealed class KnownShards
{
    /// <summary>Counters. Whoever has more is asked for them anew from time to time.</summary>
    private const int Most = 100_000;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (int Shards, long Heard)> _shards = new(StringComparer.Ordinal);

    /// <returns>0 when none are known: the counter has to be asked.</returns>
    public int Of(string counter, TimeProvider clock) =>
        _shards.TryGetValue(counter, out var known) && clock.GetElapsedTime(known.Heard) < Lifetime ? known.Shards : 0;

    public void Remember(string counter, int shards, TimeProvider clock)
    {
        if (_shards.Count >= Most) _shards.Clear();
        _shards[counter] = (shards, clock.GetTimestamp());
    }
}
