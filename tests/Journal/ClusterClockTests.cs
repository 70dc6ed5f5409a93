using Holdfast.Journal;
using Holdfast.Silo.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Holdfast.Tests.Journal;

/// <summary>The time that is compared on other machines, over machines whose clocks are wrong.</summary>
public sealed class ClusterClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Silos_whose_clocks_are_half_a_minute_apart_tell_the_same_time()
    {
        var (slow, fast) = (new Machine(Start), new Machine(Start + (31 * Second)));
        var clocks = new[] { new ClusterClock(slow), new ClusterClock(fast) };
        clocks[0].Follow(Start, slow.GetTimestamp());
        clocks[1].Follow(Start, fast.GetTimestamp());
        slow.Pass(10 * Second);
        fast.Pass(10 * Second);
        Assert.All(clocks, static clock => Assert.Equal(Start + (10 * Second), clock.GetUtcNow()));
        Assert.Equal([TimeSpan.Zero, 31 * Second], clocks.Select(static clock => clock.Skew).ToArray());
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(3600)]
    public void A_machine_whose_clock_is_set_goes_on_with_the_time_that_the_silos_share(int seconds)
    {
        var machine = new Machine(Start);
        var clock = new ClusterClock(machine);
        clock.Follow(Start, machine.GetTimestamp());
        machine.Set(Start + (seconds * Second));
        machine.Pass(Second);
        Assert.Equal(Start + Second, clock.GetUtcNow());
    }

    [Fact]
    public void An_answer_that_was_long_under_way_sets_nothing_and_one_that_was_not_does()
    {
        var machine = new Machine(Start);
        var clock = new ClusterClock(machine);
        clock.Follow(Start, machine.GetTimestamp());
        var asked = machine.GetTimestamp();
        machine.Pass(2 * Second);
        clock.Follow(Start, asked);
        Assert.Equal(Start + (2 * Second), clock.GetUtcNow());
        clock.Follow(Start + (4 * Second), machine.GetTimestamp());
        Assert.Equal(Start + (4 * Second), clock.GetUtcNow());
    }

    [Fact]
    public void Without_a_database_the_time_does_not_go_back_with_the_machine_and_follows_it_ahead()
    {
        var machine = new Machine(Start);
        var clock = new ClusterClock(machine);
        machine.Set(Start - TimeSpan.FromHours(1));
        machine.Pass(10 * Second);
        Assert.Equal(Start + (10 * Second), clock.GetUtcNow());
        machine.Set(Start + TimeSpan.FromHours(2));
        Assert.Equal(Start + TimeSpan.FromHours(2), clock.GetUtcNow());
        machine.Pass(10 * Second);
        Assert.Equal(Start + TimeSpan.FromHours(2) + (10 * Second), clock.GetUtcNow());
    }

    [Theory]
    [InlineData(0, HealthStatus.Healthy, null)]
    [InlineData(4, HealthStatus.Healthy, null)]
    [InlineData(31, HealthStatus.Unhealthy, "31 s ahead of")]
    [InlineData(-31, HealthStatus.Unhealthy, "31 s behind")]
    public async Task A_silo_whose_clock_is_far_off_is_not_ready(int seconds, HealthStatus status, string? why)
    {
        var machine = new Machine(Start + (seconds * Second));
        var clock = new ClusterClock(machine);
        clock.Follow(Start, machine.GetTimestamp());
        var result = await new ClockHealthCheck(clock).CheckHealthAsync(new());
        Assert.Equal(status, result.Status);
        if (why is not null) Assert.Contains(why, result.Description, StringComparison.Ordinal);
    }

    /// <summary>A machine whose clock shows what it is set to, and whose time passes when it is told.</summary>
    private sealed class Machine(DateTimeOffset wall) : TimeProvider
    {
        private DateTimeOffset _wall = wall;
        private long _elapsed;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => _wall;

        public override long GetTimestamp() => _elapsed;

        public void Set(DateTimeOffset to) => _wall = to;

        public void Pass(TimeSpan time)
        {
            _wall += time;
            _elapsed += time.Ticks;
        }
    }
}
