using Holdfast.Contracts;

namespace Holdfast.Silo.Watching;

/// <summary>What changed about an anomaly when it was looked.</summary>
/// <param name="Anomaly">As it is now.</param>
/// <param name="IsOver">It has ended; otherwise it has begun.</param>
internal readonly record struct AnomalyChange(Anomaly Anomaly, bool IsOver);

/// <summary>
/// Looks at the signs that this process has counted, span after span, and keeps what was more than usual, in memory, for as long as it is
/// listed.
/// </summary>
/// <remarks>Pure but for the counts: the time is handed in. For one thread.</remarks>
/// <param name="where">This process.</param>
/// <param name="span">From one look to the next.</param>
internal sealed class RaceWatcher(RaceSigns signs, string where, TimeSpan span, int tolerance)
{
    private readonly Watched[] _watched = [.. SignNorm.All.Select(norm => new Watched(norm, new(norm, tolerance)))];
    private readonly List<Anomaly> _ended = [];

    /// <summary>All that goes on, and what has ended and is still listed; the newest of them.</summary>
    public IEnumerable<Anomaly> Anomalies =>
        _watched.Select(static watched => watched.Raised).OfType<Anomaly>().Concat(_ended)
            .OrderByDescending(static anomaly => anomaly.Since).Take(Anomaly.MaxListed);

    /// <summary>A span is over.</summary>
    /// <param name="now">UTC.</param>
    /// <returns>What began and what ended.</returns>
    public IReadOnlyList<AnomalyChange> Look(DateTimeOffset now)
    {
        var changes = new List<AnomalyChange>();
        foreach (var watched in _watched)
        {
            var count = watched.TakeCounts(signs);
            if (watched.Detector.IsRaised) GoOn(watched, count, now, changes);
            else if (watched.Raised is { } ended) End(watched, ended with { EndedAt = now }, changes);
        }

        _ended.RemoveAll(anomaly => now - anomaly.SeenAt > Anomaly.Kept);
        if (_ended.Count > Anomaly.MaxListed) _ended.RemoveRange(0, _ended.Count - Anomaly.MaxListed);
        return changes;
    }

    private void GoOn(Watched watched, long count, DateTimeOffset now, List<AnomalyChange> changes)
    {
        var windowsInMinute = TimeSpan.FromMinutes(1) / (span * SignDetector.Window);
        var (perMinute, usual) = (watched.Detector.Seen * windowsInMinute, watched.Detector.Expected * windowsInMinute);
        if (watched.Raised is { } before)
        {
            watched.Raised = before with
            {
                SeenAt = now,
                Count = before.Count + count,
                PerMinute = Math.Max(before.PerMinute, perMinute),
            };
            return;
        }

        watched.Raised = new(
            watched.Norm.Sign, where, now - (span * watched.Detector.SpansSince), now, null, watched.Detector.Seen, perMinute, usual);
        changes.Add(new(watched.Raised, IsOver: false));
    }

    private void End(Watched watched, Anomaly ended, List<AnomalyChange> changes)
    {
        watched.Raised = null;
        _ended.Add(ended);
        changes.Add(new(ended, IsOver: true));
    }

    private sealed class Watched(SignNorm norm, SignDetector detector)
    {
        private long _count;
        private long _work;

        public SignNorm Norm => norm;

        public SignDetector Detector => detector;

        /// <summary>What goes on; null when nothing does.</summary>
        public Anomaly? Raised { get; set; }

        /// <summary>Tells the detector what has come since the last look; returns how often the sign has.</summary>
        public long TakeCounts(RaceSigns signs)
        {
            // The work first: a sign that is counted meanwhile must not seem to be one of no work.
            var (work, count) = (norm.Of(signs), signs[norm.Sign]);
            var seen = count - _count;
            detector.Take(seen, work - _work);
            (_count, _work) = (count, work);
            return seen;
        }
    }
}
