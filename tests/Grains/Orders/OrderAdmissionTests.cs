using Holdfast.Grains.Hosting;
using Holdfast.Grains.Orders;
using Holdfast.Outbox.Lanes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Holdfast.Tests.Grains.Orders;

/// <summary>Orders come to a silo that can carry so many a second, in lanes that are simulated.</summary>
public sealed class OrderAdmissionTests
{
    private const double Capacity = 400;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    private readonly FakeTimeProvider _clock = new(new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly OutboxOptions _options = new();
    private readonly Queue<DateTimeOffset> _waiting = [];
    private readonly MemoryPressure _memory;
    private readonly OrderAdmission _admission;
    private double _memoryTaken = 0.3;
    private int _collections;
    private long _started;
    private LaneClass _lanes = LaneClass.Step;

    public OrderAdmissionTests()
    {
        _memory = new(_clock, NullLogger.Instance, () => _memoryTaken, () => _collections++);
        _admission = new(Backlog, _memory, Options.Create(_options), _clock);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(50)]
    public void However_many_times_of_what_can_be_carried_come_as_many_are_started_and_none_waits_much_longer_than_the_bound(int times)
    {
        Run(TimeSpan.FromSeconds(1), Capacity / 2, Capacity);
        var run = Run(TimeSpan.FromSeconds(30), times * Capacity, Capacity);
        Assert.True(run.Started >= 0.99 * 30 * Capacity, $"{run.Started} were started, and {30 * Capacity} could be.");
        Assert.True(run.LongestWait < 1.5 * _options.MaxQueueDelay, $"One waited for {run.LongestWait}.");
        Assert.True(run.Refused > 0);
        Assert.Equal(0, Run(TimeSpan.FromSeconds(10), 0.9 * Capacity, Capacity, settle: TimeSpan.FromSeconds(20)).Refused);
    }

    [Fact]
    public void What_can_be_carried_is_never_refused_nor_is_a_rush_or_a_short_stall_of_the_store()
    {
        Assert.Equal(0, Run(TimeSpan.FromSeconds(10), 0.9 * Capacity, Capacity).Refused);
        Assert.Equal(0, Run(TimeSpan.FromMilliseconds(200), 2 * Capacity, Capacity).Refused);
        Assert.Equal(0, Run(TimeSpan.FromSeconds(5), 0.5 * Capacity, Capacity).Refused);
        Assert.Equal(0, Run(TimeSpan.FromMilliseconds(700), 0.5 * Capacity, 0).Refused);
        Assert.Equal(0, Run(TimeSpan.FromSeconds(5), 0.5 * Capacity, Capacity).Refused);
    }

    [Fact]
    public void What_waits_in_the_table_alone_counts_by_its_age()
    {
        Assert.True(_admission.TryAdmit());
        _waiting.Enqueue(_clock.GetUtcNow());
        _clock.Advance(_options.MaxQueueDelay);
        Assert.False(_admission.TryAdmit());
        _waiting.Clear();
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_admission.TryAdmit());
    }

    [Fact]
    public void A_slow_gateway_sends_nobody_away_until_its_payments_wait_for_long()
    {
        _lanes = LaneClass.Payment;
        _waiting.Enqueue(_clock.GetUtcNow());
        _clock.Advance(2 * _options.MaxQueueDelay);
        Assert.True(_admission.TryAdmit());
        _clock.Advance(_options.MaxPaymentDelay);
        Assert.False(_admission.TryAdmit());
    }

    [Fact]
    public void Nothing_is_begun_while_memory_is_short_and_what_nobody_needs_is_collected()
    {
        Assert.True(_admission.TryAdmit());
        _memoryTaken = 0.8;
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(_admission.TryAdmit());
        Assert.Equal(1, _collections);
        _memoryTaken = 0.7;
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(_admission.TryAdmit());
        _memoryTaken = 0.6;
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_admission.TryAdmit());
        Assert.Equal(1, _collections);
    }

    private LaneBacklog Backlog(LaneClass laneClass) => laneClass != _lanes
        ? default
        : new(_waiting.Count, _waiting.TryPeek(out var oldest) ? oldest : null, _started);

    private (long Started, int Refused, TimeSpan LongestWait) Run(TimeSpan time, double perSecond, double capacity, TimeSpan settle = default)
    {
        var (startedBefore, refused, longest, due, free) = (_started, 0, TimeSpan.Zero, 0.0, 0.0);
        for (var at = -settle; at < time; at += Tick)
        {
            for (due += perSecond * Tick.TotalSeconds; due >= 1; due--)
            {
                if (_admission.TryAdmit()) _waiting.Enqueue(_clock.GetUtcNow());
                else if (at >= TimeSpan.Zero) refused++;
            }

            _clock.Advance(Tick);
            for (free += capacity * Tick.TotalSeconds; free >= 1; free--)
            {
                if (!_waiting.TryDequeue(out var since)) continue;
                _started++;
                if (_clock.GetUtcNow() - since > longest) longest = _clock.GetUtcNow() - since;
            }
        }

        return (_started - startedBefore, refused, longest);
    }
}
