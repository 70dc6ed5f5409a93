using Holdfast.Contracts;
using Holdfast.Silo.Watching;

namespace Holdfast.Tests.Silo.Watching;

/// <summary>Made-up series, at five seconds a span.</summary>
public sealed class SignDetectorTests
{
    private const int Minute = 12;
    private const int Hour = 60 * Minute;
    private const int Day = 24 * Hour;

    private readonly Random _random = new(137);

    public static TheoryData<RaceSign, double> Rates() => new()
    {
        { RaceSign.Conflict, 0.0001 },
        { RaceSign.Conflict, 0.002 },
        { RaceSign.KeyReuse, 0.02 },
        { RaceSign.Superseded, 0.1 },
        { RaceSign.Unanswered, 0.001 },
    };

    [Theory]
    [MemberData(nameof(Rates))]
    public void A_steady_load_says_nothing(RaceSign sign, double rate) => Assert.Empty(Raised(sign, Warm(rate, static _ => 2_000, Day)));

    [Theory]
    [MemberData(nameof(Rates))]
    public void Three_days_with_their_nights_say_nothing(RaceSign sign, double rate)
    {
        // From nothing at night to 20,000 a span at noon.
        var work = (int span) => (long)(10_000 * (1 - Math.Cos(2 * Math.PI * span / Day)));

        Assert.Empty(Raised(sign, Warm(rate, work, 3 * Day)));
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void A_shop_that_opens_says_nothing(RaceSign sign, double rate)
    {
        var work = (int span) => span < Hour ? 1_000L : span < 9 * Hour ? 0 : Math.Min(20_000, 200 * (span - (9 * Hour)));

        Assert.Empty(Raised(sign, Warm(rate, work, 10 * Hour)));
    }

    [Theory]
    [InlineData(RaceSign.Conflict, 0.0001, 0.05, 200)]
    [InlineData(RaceSign.Conflict, 0.002, 0.02, 2_000)]
    [InlineData(RaceSign.KeyReuse, 0.02, 0.2, 2_000)]
    [InlineData(RaceSign.Superseded, 0.1, 0.6, 1_000)]
    [InlineData(RaceSign.Unanswered, 0.001, 0.05, 1_000)]
    public void A_step_is_said_within_a_minute_and_only_then(RaceSign sign, double before, double after, long work)
    {
        var series = Warm(before, _ => work, Hour).Concat(Warm(after, _ => work, Minute));

        Assert.InRange(Raised(sign, series)[0], Hour, Hour + Minute - 1);
    }

    [Theory]
    [InlineData(RaceSign.Hole)]
    [InlineData(RaceSign.Overwritten)]
    [InlineData(RaceSign.Lost)]
    [InlineData(RaceSign.ClockBack)]
    public void What_must_never_be_is_said_at_once_however_often_it_was(RaceSign sign)
    {
        for (var round = 0; round < 5; round++)
            Assert.Equal([Hour], Raised(sign, [.. Enumerable.Repeat((0L, 1_000_000L), Hour), (1L, 0L)]));

        var detector = new SignDetector(Norm(sign), tolerance: 1);
        for (var span = 0; span < Day; span++)
        {
            detector.Take(1, 1_000_000);
            Assert.True(detector.IsRaised);
        }
    }

    /// <summary>One silo dies: the owners of some lanes meet what it had under way.</summary>
    [Fact]
    public void A_few_conflicts_in_a_quiet_system_are_none_of_its_business_and_a_storm_is()
    {
        Assert.Empty(Raised(RaceSign.Conflict, [.. Quiet(), (7L, 50L), .. Quiet()]));
        Assert.NotEmpty(Raised(RaceSign.Conflict, [.. Quiet(), (70L, 90L), .. Quiet()]));

        static IEnumerable<(long, long)> Quiet() => Enumerable.Repeat((0L, 3L), Hour);
    }

    /// <summary>A bug that is there from the start has no better past to be compared with.</summary>
    [Fact]
    public void What_is_wrong_from_the_first_moment_is_said_as_well() =>
        Assert.InRange(Raised(RaceSign.Conflict, Warm(0.3, static _ => 200, Hour))[0], 0, Minute - 1);

    [Fact]
    public void It_is_over_a_minute_after_the_last_of_it_and_is_usual_when_it_lasts_for_a_day()
    {
        var detector = new SignDetector(Norm(RaceSign.Superseded), tolerance: 1);
        foreach (var (count, work) in Warm(0.5, static _ => 1_000, Minute)) detector.Take(count, work);
        Assert.True(detector.IsRaised);
        for (var span = 0; span < SignDetector.Window + SignDetector.Calm; span++) detector.Take(0, 1_000);
        Assert.False(detector.IsRaised);

        foreach (var (count, work) in Warm(0.5, static _ => 1_000, Day)) detector.Take(count, work);
        Assert.False(detector.IsRaised);
    }

    [Fact]
    public void More_tolerance_says_less()
    {
        var series = Warm(0.002, static _ => 2_000, Hour).Concat(Warm(0.02, static _ => 2_000, Minute)).ToArray();

        Assert.NotEmpty(Raised(RaceSign.Conflict, series));
        Assert.Empty(Raised(RaceSign.Conflict, series, tolerance: 10));
    }

    [Fact]
    public void It_says_what_it_saw_and_what_it_expected_and_since_when()
    {
        var detector = new SignDetector(Norm(RaceSign.Conflict), tolerance: 1);
        for (var span = 0; span < Hour; span++) detector.Take(2, 1_000);
        Assert.Equal((8, 4, false), (detector.Seen, detector.SpansSince, detector.IsRaised));
        Assert.InRange(detector.Expected, 7.5, 8);

        detector.Take(0, 1_000);
        detector.Take(0, 1_000);
        detector.Take(0, 1_000);
        detector.Take(60, 1_000);
        Assert.Equal((60, 1, true), (detector.Seen, detector.SpansSince, detector.IsRaised));
    }

    [Fact]
    public void Each_sign_has_a_norm_in_its_place() =>
        Assert.Equal(RaceSigns.All, SignNorm.All.Select(static norm => norm.Sign));

    private static SignNorm Norm(RaceSign sign) => SignNorm.All[(int)sign];

    /// <summary>Spans in which the sign is raised.</summary>
    private static List<int> Raised(RaceSign sign, IEnumerable<(long Count, long Work)> series, int tolerance = 1)
    {
        var (detector, raised, span) = (new SignDetector(Norm(sign), tolerance), new List<int>(), 0);
        foreach (var (count, work) in series)
        {
            detector.Take(count, work);
            if (detector.IsRaised) raised.Add(span);
            span++;
        }

        return raised;
    }

    /// <summary>Each piece of work shows the sign with that probability.</summary>
    private IEnumerable<(long Count, long Work)> Warm(double rate, Func<int, long> work, int spans) =>
        Enumerable.Range(0, spans).Select(span => (Poisson(rate * work(span)), work(span)));

    private long Poisson(double mean)
    {
        // In parts, each of which is exact.
        var count = 0L;
        for (; mean > 0; mean -= 100)
        {
            var (limit, product) = (Math.Exp(-Math.Min(mean, 100)), _random.NextDouble());
            for (; product > limit; product *= _random.NextDouble()) count++;
        }

        return count;
    }
}
