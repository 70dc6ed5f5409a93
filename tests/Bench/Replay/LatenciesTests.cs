using Holdfast.Bench.Replay;

namespace Holdfast.Tests.Bench.Replay;

public sealed class LatenciesTests
{
    [Fact]
    public void Percentiles_are_the_nearest_rank()
    {
        var latencies = Latencies.Of(Enumerable.Range(1, 200).Reverse().Select(ms => TimeSpan.FromMilliseconds(ms)));

        Assert.Equal(new Latencies(100, 180, 198, 200), latencies);
    }

    [Fact]
    public void One_order_is_every_percentile_and_none_is_zero()
    {
        Assert.Equal(new Latencies(7, 7, 7, 7), Latencies.Of([TimeSpan.FromMilliseconds(7)]));
        Assert.Equal(new Latencies(0, 0, 0, 0), Latencies.Of([]));
    }
}
