using Holdfast.Contracts;
using Holdfast.Silo.Watching;

namespace Holdfast.Tests.Silo.Watching;

public sealed class RaceWatcherTests
{
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(5);

    private readonly RaceSigns _signs = new();
    private readonly RaceWatcher _watcher;
    private DateTimeOffset _now = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    public RaceWatcherTests() => _watcher = new(_signs, "silo one", Span, tolerance: 1);

    [Fact]
    public void What_begins_is_told_once_and_grows_until_it_is_over()
    {
        Assert.Empty(Look());
        _signs.Count(RaceSign.Hole, 2);
        var began = Assert.Single(Look());
        Assert.False(began.IsOver);
        Assert.Equal(
            new Anomaly(RaceSign.Hole, "silo one", _now - Span, _now, null, Count: 2, PerMinute: 6, UsualPerMinute: 0), began.Anomaly);

        _signs.Count(RaceSign.Hole);
        Assert.Empty(Look());
        Assert.Equal((3, 9), (Assert.Single(_watcher.Anomalies).Count, Assert.Single(_watcher.Anomalies).PerMinute));

        var looks = 0;
        IReadOnlyList<AnomalyChange> changes;
        do
        {
            changes = Look();
            looks++;
        }
        while (changes.Count == 0 && looks < 100);

        // Three more spans have it in their window; then it is calm for long enough.
        Assert.Equal(SignDetector.Window - 1 + SignDetector.Calm, looks);
        Assert.True(Assert.Single(changes).IsOver);
        Assert.Equal((3, _now), (changes[0].Anomaly.Count, changes[0].Anomaly.EndedAt));
        Assert.Equal(changes[0].Anomaly, Assert.Single(_watcher.Anomalies));
    }

    [Fact]
    public void What_is_over_is_kept_for_an_hour()
    {
        _signs.Count(RaceSign.Lost);
        Look();
        for (var passed = TimeSpan.Zero; passed < Anomaly.Kept; passed += Span)
        {
            Assert.Single(_watcher.Anomalies);
            Look();
        }

        for (var left = 0; left < 60; left++) Look();
        Assert.Empty(_watcher.Anomalies);
    }

    [Fact]
    public void No_more_are_kept_than_can_be_listed()
    {
        for (var round = 0; round < 2 * Anomaly.MaxListed; round++)
        {
            // Each goes on for a moment, an hour long, two hundred times: only the newest are kept.
            _signs.Count(RaceSign.Hole);
            for (var left = 0; left < 20; left++) Look(TimeSpan.FromSeconds(0.5));
        }

        Assert.Equal(Anomaly.MaxListed, _watcher.Anomalies.Count());
    }

    [Fact]
    public void Conflicts_are_judged_among_appends_and_calls_without_an_answer_among_calls()
    {
        for (var span = 0; span < 100; span++)
        {
            for (var append = 0; append < 1_000; append++) _signs.CountAppend();
            _signs.Count(RaceSign.Conflict, 5);
            Look();
        }

        // A past of five in a thousand excuses them, while there are as many appends, and would not excuse calls.
        Assert.DoesNotContain(_watcher.Anomalies, static anomaly => anomaly is { EndedAt: null });
        _signs.Count(RaceSign.Unanswered, 25);
        Assert.Equal(RaceSign.Unanswered, Assert.Single(Look()).Anomaly.Sign);
        for (var call = 0; call < 40_000; call++) _signs.CountCall();
        Assert.Equal((100_000, 40_000), (_signs.Appends, _signs.Calls));
    }

    [Fact]
    public void A_clock_that_is_set_back_is_noticed_once_and_one_that_is_put_right_is_not()
    {
        var machine = new SteppedClock();
        var steps = new ClockSteps(machine);
        machine.Pass(Span);
        Assert.False(steps.Look());
        machine.Pass(Span, wall: Span - TimeSpan.FromMilliseconds(500));
        Assert.False(steps.Look());
        machine.Pass(Span, wall: Span + TimeSpan.FromHours(1));
        Assert.False(steps.Look());
        machine.Pass(Span, wall: Span - TimeSpan.FromSeconds(2));
        Assert.True(steps.Look());
        machine.Pass(Span);
        Assert.False(steps.Look());
    }

    private IReadOnlyList<AnomalyChange> Look(TimeSpan? after = null)
    {
        _now += after ?? Span;
        return _watcher.Look(_now);
    }

    private sealed class SteppedClock : TimeProvider
    {
        private DateTimeOffset _wall = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);
        private long _timestamp;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => _wall;

        public override long GetTimestamp() => _timestamp;

        public void Pass(TimeSpan time, TimeSpan? wall = null)
        {
            _timestamp += time.Ticks;
            _wall += wall ?? time;
        }
    }
}
