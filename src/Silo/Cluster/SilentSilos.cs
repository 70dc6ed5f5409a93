using Holdfast.Journal.Postgres;

namespace Holdfast.Silo.Cluster;

/// <summary>What the beats of the others, as one of ours found them, say about who still lives.</summary>
/// <param name="Suspects">Late for longer than <see cref="Budgets.Suspicion"/>: to be knocked at.</param>
/// <param name="Silent">Late for longer than <see cref="Budgets.Silence"/>: to be declared dead.</param>
/// <param name="DiedSilent">Dead since the last beat, after they had fallen silent: they were not stopping in good order.</param>
internal sealed record Silences(
    IReadOnlyList<SiloAddress> Suspects, IReadOnlyList<SiloAddress> Silent, IReadOnlyList<SiloAddress> DiedSilent);

/// <summary>
/// Who has fallen silent. A silo whose beats stop while ours go through is paused, or cut off from the database, which its peers'
/// probes would never notice.
/// </summary>
/// <remarks>Pure: the time is handed in. For one thread.</remarks>
internal sealed class SilentSilos(SiloAddress self)
{
    private readonly Dictionary<SiloAddress, (long Beat, TimeSpan Since)> _heard = [];
    private TimeSpan _listened;

    /// <param name="now">When the beat that found them was sent, by a clock that never goes back.</param>
    /// <param name="members">The membership, with the others' beats.</param>
    public Silences Listen(TimeSpan now, IReadOnlyList<MemberBeat> members)
    {
        // Who has not listened for a while cannot say who was silent meanwhile.
        if (now - _listened > Budgets.ReadLease) _heard.Clear();
        _listened = now;
        var (suspects, silent, died) = (new List<SiloAddress>(), new List<SiloAddress>(), new List<SiloAddress>());
        foreach (var (silo, status, beat, _) in members)
        {
            if (status != SiloStatus.Active || silo.Equals(self))
            {
                var wasHeard = _heard.Remove(silo, out var last);
                if (wasHeard && status == SiloStatus.Dead && now - last.Since > Budgets.Suspicion) died.Add(silo);
            }
            else if (!_heard.TryGetValue(silo, out var heard) || heard.Beat != beat)
            {
                _heard[silo] = (beat, now);
            }
            else if (now - heard.Since > Budgets.Silence)
            {
                // As if it had fallen silent a little later: if it is not dead by then, it is declared dead again.
                _heard[silo] = (beat, now - (Budgets.Silence - Budgets.DeclareAgain));
                silent.Add(silo);
            }
            else if (now - heard.Since > Budgets.Suspicion)
            {
                suspects.Add(silo);
            }
        }

        return new(suspects, silent, died);
    }
}
