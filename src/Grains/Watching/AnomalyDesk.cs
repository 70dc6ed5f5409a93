using Holdfast.Contracts;

namespace Holdfast.Grains.Watching;

/// <summary>
/// Keeps in memory what the processes of the cluster say. They say it again and again, so nothing is lost with it for long.
/// </summary>
internal sealed class AnomalyDesk(TimeProvider clock) : Grain, IAnomalyDesk
{
    /// <summary>Processes that are listened to at once; past them the one that was last heard of longest ago is forgotten.</summary>
    internal const int MaxProcesses = 1_000;

    /// <summary>A process that has not said for so long that an anomaly goes on is not there any more.</summary>
    private static readonly TimeSpan Unheard = TimeSpan.FromMinutes(3);

    private readonly Dictionary<string, Anomaly[]> _told = [];

    internal int Processes => _told.Count;

    public ValueTask Report(string where, Anomaly[] anomalies)
    {
        _told[where] = [.. anomalies.Take(Anomaly.MaxListed)];
        var now = clock.GetUtcNow();
        foreach (var (process, told) in _told.ToArray())
        {
            if (!told.Any(anomaly => IsKept(anomaly, now))) _told.Remove(process);
        }

        if (_told.Count > MaxProcesses) _told.Remove(_told.MinBy(static told => told.Value.Max(static anomaly => anomaly.SeenAt)).Key);
        return ValueTask.CompletedTask;
    }

    public ValueTask<Anomaly[]> Read()
    {
        var now = clock.GetUtcNow();
        return new(
        [
            .. _told.Values.SelectMany(static told => told)
                .Where(anomaly => IsKept(anomaly, now))
                .OrderByDescending(static anomaly => anomaly.Since)
                .Take(Anomaly.MaxListed)
                .Select(anomaly => anomaly.EndedAt is null && now - anomaly.SeenAt > Unheard
                    ? anomaly with { EndedAt = anomaly.SeenAt }
                    : anomaly),
        ]);
    }

    private static bool IsKept(Anomaly anomaly, DateTimeOffset now) => now - anomaly.SeenAt <= Anomaly.Kept;
}
