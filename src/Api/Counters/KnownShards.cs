using System.Collections.Concurrent;

namespace Holdfast.Api.Counters;

/// <summary>
/// How many shards counters have, of which this front door has heard. That never changes, so the counter need not be asked again.
/// </summary>
internal sealed class KnownShards
{
    /// <summary>Counters. Whoever has more is asked for them anew from time to time.</summary>
    private const int Most = 100_000;

    private readonly ConcurrentDictionary<string, int> _shards = new(StringComparer.Ordinal);

    /// <returns>0 when none are known: the counter has to be asked.</returns>
    public int Of(string counter) => _shards.GetValueOrDefault(counter);

    public void Remember(string counter, int shards)
    {
        if (_shards.Count >= Most) _shards.Clear();
        _shards[counter] = shards;
    }
}
