using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Holdfast.Journal.Feed;
using Holdfast.Journal.Writing;

namespace Holdfast.Views;

/// <summary>How the views of this silo are, as far as it follows the feed: on the journal's meter, and for a health check.</summary>
public sealed class ViewMetrics
{
    /// <summary>Behind somebody who holds the feed back for longer than this, it is said aloud.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<string, ViewState> _states = new();
    private readonly Counter<long> _rows;
    private readonly Counter<long> _holes;
    private long _holesFound;

    public ViewMetrics(TimeProvider clock)
    {
        _clock = clock;
        var meter = new Meter(JournalMetrics.MeterName);
        _rows = meter.CreateCounter<long>("holdfast.feed.rows", "{row}", "Published appends that a view has taken in");
        _holes = meter.CreateCounter<long>(
            "holdfast.feed.holes", "{hole}", "Published appends that the feed left out, and that were read by their keys: must stay 0");
        meter.CreateObservableGauge(
            "holdfast.feed.lag",
            () => Measure(static state => state.Lag),
            "s",
            "The age of the oldest published append that is not in the view");
        meter.CreateObservableGauge(
            "holdfast.feed.horizon",
            () => Measure(static state => state.Horizon),
            "s",
            "How long ago the transaction began that holds the feed back; 0 when none does");
    }

    /// <summary>By view; empty where the feed is not followed.</summary>
    public IReadOnlyDictionary<string, ViewState> States => _states;

    /// <summary>Since the process began.</summary>
    public long HolesFound => Interlocked.Read(ref _holesFound);

    internal void FoundHole(string view)
    {
        Interlocked.Increment(ref _holesFound);
        _holes.Add(1, new KeyValuePair<string, object?>("view", view));
    }

    /// <param name="lag">The age of the oldest of them.</param>
    internal void Applied(string view, int rows, TimeSpan lag)
    {
        _rows.Add(rows, new KeyValuePair<string, object?>("view", view));
        _states[view] = new(lag, TimeSpan.Zero, null, null);
    }

    /// <summary>Nothing can be read: because there is nothing, or because somebody holds the feed back.</summary>
    /// <returns>True when it is time to say that somebody does.</returns>
    internal bool Idle(string view, bool heldBack, FeedHorizon horizon)
    {
        if (heldBack) return Hold(view, horizon);
        _states[view] = new(TimeSpan.Zero, TimeSpan.Zero, null, null);
        return false;
    }

    /// <summary>It could not go on: it falls behind from now on.</summary>
    internal void Failed(string view) => Hold(view, new(TimeSpan.Zero, null));

    /// <summary>Another silo follows the feed now.</summary>
    internal void Forget() => _states.Clear();

    private bool Hold(string view, FeedHorizon horizon)
    {
        var now = _clock.GetUtcNow();
        var since = _states.GetValueOrDefault(view)?.HeldSince ?? now;
        var before = _states.GetValueOrDefault(view)?.Lag ?? TimeSpan.Zero;
        _states[view] = new(now - since, horizon.Age, horizon.HeldBy, since);
        return before < Patience && now - since >= Patience;
    }

    private Measurement<double>[] Measure(Func<ViewState, TimeSpan> value) =>
    [
        .. _states.Select(each => new Measurement<double>(
            value(each.Value).TotalSeconds, new KeyValuePair<string, object?>("view", each.Key))),
    ];
}

/// <summary>How a view is.</summary>
/// <param name="Lag">The age of the oldest published append that is not in it.</param>
/// <param name="Horizon">How long ago the transaction began that holds the feed back; zero when none does.</param>
/// <param name="HeldBy">Whose that is; null when none does, or it may not be seen.</param>
/// <param name="HeldSince">Since when nothing could be read although there is something; null when that is not so.</param>
public sealed record ViewState(TimeSpan Lag, TimeSpan Horizon, string? HeldBy, DateTimeOffset? HeldSince);
