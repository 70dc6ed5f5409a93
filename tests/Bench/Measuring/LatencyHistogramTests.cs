using System.Diagnostics;
using Holdfast.Bench.Measuring;

namespace Holdfast.Tests.Bench.Measuring;

public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(1_000)]
    [InlineData(123_456_789)]
    [InlineData(long.MaxValue / 4)]
    public void A_latency_is_given_back_at_most_3_percent_too_high(long ticks)
    {
        var histogram = new LatencyHistogram();
        histogram.Record(ticks);

        // A time span counts in ticks of its own, 100 ns each.
        var recorded = (double)ticks / Stopwatch.Frequency;
        Assert.InRange(histogram.Percentile(1).TotalSeconds, recorded - 1e-7, (recorded * 1.032) + 1e-7);
    }

    [Fact]
    public void Percentiles_are_the_nearest_rank_of_all_that_was_added_up()
    {
        var (low, high) = (new LatencyHistogram(), new LatencyHistogram());
        for (var i = 0; i < 99; i++) low.Record(Milliseconds(1));
        high.Record(Milliseconds(500));
        low.Add(high);

        Assert.InRange(low.Percentile(0.5).TotalMilliseconds, 1, 1.04);
        Assert.InRange(low.Percentile(0.99).TotalMilliseconds, 1, 1.04);
        Assert.InRange(low.Percentile(1).TotalMilliseconds, 500, 516);
    }

    [Fact]
    public void Nothing_recorded_is_no_time()
    {
        Assert.Equal(TimeSpan.Zero, new LatencyHistogram().Percentile(0.99));
    }

    [Theory]
    [InlineData(new double[0], 0)]
    [InlineData(new double[] { 3, 1, 2 }, 2)]
    [InlineData(new double[] { 4, 1, 2, 9 }, 3)]
    public void The_median_is_the_middle(double[] numbers, double median)
    {
        Assert.Equal(median, Medians.Of(numbers));
    }

    private static long Milliseconds(long milliseconds) => milliseconds * Stopwatch.Frequency / 1_000;
}
