using Holdfast.Contracts.Counters;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Tests.Cluster;

/// <summary>The time of a stream is the one that its rows say.</summary>
public sealed class RecordedTimeTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_replay_takes_the_time_from_the_rows()
    {
        var clock = new ShiftedClock();
        var operation = HoldfastCluster.NewOperation();
        DateTimeOffset told;
        await using (var first = await Start(clock))
        {
            await first.CreateProduct("tea", 1);
            told = (await first.Product("tea").Adjust(new(operation, 3, "received", null))).At;
        }

        clock.Shift = TimeSpan.FromHours(1);
        await using var second = await Start(clock);
        var again = await second.Product("tea").Adjust(new(operation, 3, "received", null));
        Assert.Equal((true, told), (again.Replayed, again.At));
    }

    [Fact]
    public async Task A_clock_that_is_set_back_does_not_set_a_stream_back()
    {
        var clock = new ShiftedClock();
        await using var cluster = await Start(clock);
        var counter = cluster.Grains.GetGrain<ICounter>("visits");
        foreach (var hours in (int[])[2, 0, 1])
        {
            clock.Shift = TimeSpan.FromHours(hours);
            await counter.Increment(new(HoldfastCluster.NewOperation(), 1));
        }

        var times = (await cluster.Store.ReadForward("counter/visits", 0, 10, CancellationToken.None)).Select(row => row.RecordedAt).ToArray();
        Assert.Equal([times[0], times[0], times[0]], times);
    }

    private Task<HoldfastCluster> Start(TimeProvider clock) =>
        HoldfastCluster.Start(_directory.Path, silo => silo.Services.AddSingleton(clock));

    /// <summary>The wall clock of a machine whose operator moves its hands.</summary>
    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Shift;
    }
}
