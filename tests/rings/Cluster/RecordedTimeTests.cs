using Holdfast.Contracts.Counters;
using Holdfast.Tests.Journal;

namespace Holdfast.Rings.Cluster;

/// <summary>The time of a stream is the one that its rows say.</summary>
public sealed class RecordedTimeTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_replay_takes_the_time_from_the_rows()
    {
        var clock = new JumpingClock();
        var operation = HoldfastCluster.NewOperation();
        DateTimeOffset told;
        await using (var first = await HoldfastCluster.Start(_directory.Path, clock.Install))
        {
            await first.CreateProduct("tea", 1);
            told = (await first.Product("tea").Adjust(new(operation, 3, "received", null))).At;
        }

        clock.Jump(TimeSpan.FromHours(1));
        await using var second = await HoldfastCluster.Start(_directory.Path, clock.Install);
        var again = await second.Product("tea").Adjust(new(operation, 3, "received", null));
        Assert.Equal((true, told), (again.Replayed, again.At));
    }

    [Fact]
    public async Task A_clock_that_is_set_back_does_not_set_a_stream_back()
    {
        var clock = new JumpingClock();
        await using var cluster = await HoldfastCluster.Start(_directory.Path, clock.Install);
        var counter = cluster.Grains.GetGrain<ICounter>("visits");
        foreach (var hours in (int[])[2, -2, 1])
        {
            clock.Jump(TimeSpan.FromHours(hours));
            await counter.Increment(new(HoldfastCluster.NewOperation(), 1));
        }

        var times = (await cluster.Store.ReadForward("counter/visits", 0, 10, CancellationToken.None)).Select(row => row.RecordedAt).ToArray();
        Assert.Equal([times[0], times[0], times[0]], times);
    }
}
