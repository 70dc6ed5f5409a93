using CsCheck;
using Holdfast.Contracts.Leases;
using Holdfast.Domain.Leases;
using Holdfast.Tests.Domain.Owner;

namespace Holdfast.Tests.Domain.Leases;

public sealed class LeaseRulesTests
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly PlayedStream<LeaseState, LeaseEvent> _lease = new(LeaseKind.Instance, "nightly");

    [Fact]
    public void A_lease_that_nobody_ever_held_is_free()
    {
        Assert.Equal(new(null, 0, null), View());
        Assert.Empty(_lease.Events);
    }

    [Fact]
    public void One_holds_it_at_a_time_and_the_same_holder_is_refused_too()
    {
        var begin = _lease.Now;
        Assert.Equal(new(LeaseStatus.Done, new("a", 1, begin + Ttl)), Acquire(1, "a"));
        _lease.Now += TimeSpan.FromSeconds(4);

        foreach (var holder in (string[])["a", "b"])
        {
            Assert.Equal(new(LeaseStatus.Held, new("a", 1, begin + Ttl)) { Left = TimeSpan.FromSeconds(6) }, Acquire(2, holder));
            Assert.True(_lease.Refused);
        }
    }

    [Fact]
    public void It_ends_at_its_moment_and_not_before()
    {
        Acquire(1, "a");
        _lease.Now += Ttl - Tick;
        Assert.Equal(LeaseStatus.Held, Acquire(2, "b").Status);

        _lease.Now += Tick;
        Assert.Equal(new(LeaseStatus.Done, new("b", 2, _lease.Now + Ttl)), Acquire(2, "b"));
    }

    /// <summary>A silo whose clock is behind may come next: nobody holds again what somebody was told is free.</summary>
    [Fact]
    public void Whoever_was_told_that_it_is_free_is_not_told_otherwise_by_a_clock_that_goes_back()
    {
        Acquire(1, "a");
        _lease.Now += Ttl;
        Assert.Equal(new(null, 1, null), View());

        _lease.Now -= Ttl;
        Assert.Equal(new(LeaseStatus.Lost, new(null, 1, null)), Renew(2, 1));
        Assert.Null(_lease.Replay().View.Holder);
    }

    [Fact]
    public void A_renewal_keeps_the_number_and_never_makes_the_term_shorter()
    {
        var begin = _lease.Now;
        Acquire(1, "a");
        _lease.Now += TimeSpan.FromSeconds(4);
        Assert.Equal(new(LeaseStatus.Done, new("a", 1, begin + TimeSpan.FromSeconds(14))), Renew(2, 1));
        Assert.Equal(new(LeaseStatus.Done, new("a", 1, begin + TimeSpan.FromSeconds(14))), Renew(3, 1, Tick));
    }

    [Fact]
    public void A_term_that_is_over_is_neither_renewed_nor_released()
    {
        Acquire(1, "a");
        Assert.Equal(new(LeaseStatus.Done, new(null, 1, null)), Release(2, 1));
        Assert.Equal(new(LeaseStatus.Lost, new(null, 1, null)), Renew(3, 1));
        Assert.Equal(new(LeaseStatus.Lost, new(null, 1, null)), Release(4, 1));
        Acquire(5, "b");

        Assert.Equal(new(LeaseStatus.Lost, new("b", 2, _lease.Now + Ttl)), Renew(3, 1));
        Assert.Equal(new(LeaseStatus.Lost, new("b", 2, _lease.Now + Ttl)), Release(4, 1));
        Assert.Equal(LeaseStatus.Lost, Renew(6, 3).Status);
        Assert.True(_lease.Refused);
    }

    [Fact]
    public void A_repeat_gets_its_first_answer_whoever_holds_it_by_then()
    {
        var acquired = Acquire(1, "a");
        var renewed = Renew(2, 1);
        Assert.Equal(renewed with { Replayed = true }, Renew(2, 1));
        var released = Release(3, 1);
        Assert.Equal(renewed with { Replayed = true }, Renew(2, 1));
        Acquire(4, "b");

        Assert.Equal(acquired with { Replayed = true }, Acquire(1, "a"));
        Assert.Equal(released with { Replayed = true }, Release(3, 1));

        // Who held a term that others have followed is not known any more.
        Assert.Equal(renewed with { Replayed = true, Lease = renewed.Lease with { Holder = null } }, Renew(2, 1));
        Assert.Empty(_lease.Events);
        Assert.Equal(LeaseStatus.KeyReused, Acquire(1, "a", fingerprint: 8).Status);
        Assert.Equal(LeaseStatus.KeyReused, Renew(2, 1, fingerprint: 8).Status);
        Assert.Equal(LeaseStatus.KeyReused, Release(3, 1, fingerprint: 8).Status);
    }

    /// <summary>
    /// Against a model that knows no events: whatever is asked, and whenever, one holds it at a time, numbers grow, and what an old number
    /// asks changes nothing.
    /// </summary>
    [Fact]
    public void Any_steps_lead_where_a_naive_lease_goes_and_a_replay_and_a_snapshot_know_the_same() =>
        Gen.Select(Gen.Int[0, 4], Gen.Long[0, 4], Gen.Int[0, 12]).List[0, 60].Sample(static steps =>
        {
            var test = new LeaseRulesTests();
            var (stream, time) = (test._lease, test._lease.Now);
            var (number, ends) = (0L, DateTimeOffset.MinValue);
            for (var i = 0; i < steps.Count; i++)
            {
                var (verb, back, seconds) = steps[i];
                var asked = Math.Max(0, number - back);
                var held = ends > time;
                switch (verb)
                {
                    case 0:
                        var acquired = test.Acquire(i + 1, $"holder {i}");
                        Assert.Equal(held ? LeaseStatus.Held : LeaseStatus.Done, acquired.Status);
                        if (!held) (number, ends) = (number + 1, time + Ttl);
                        break;
                    case 1:
                        var renewed = test.Renew(i + 1, asked);
                        var renews = held && asked == number;
                        Assert.Equal(renews ? LeaseStatus.Done : LeaseStatus.Lost, renewed.Status);
                        if (renews && time + Ttl > ends) ends = time + Ttl;
                        break;
                    case 2:
                        var released = test.Release(i + 1, asked);
                        var releases = held && asked == number;
                        Assert.Equal(releases ? LeaseStatus.Done : LeaseStatus.Lost, released.Status);
                        if (releases) ends = DateTimeOffset.MinValue;
                        break;
                    case 3:
                        test.View();
                        break;
                    default:
                        stream.Now = time += TimeSpan.FromSeconds(seconds);
                        break;
                }

                if (ends <= time) ends = DateTimeOffset.MinValue;
                if (verb == 4) continue;
                var (seen, until) = (test.View(), ends > time ? ends : (DateTimeOffset?)null);
                Assert.Equal((number, until), (seen.Number, seen.ExpiresAt));
            }

            Assert.Equal(StateText.Of(stream.State.Receipts), StateText.Of(stream.Replay().Receipts));
            Assert.Equal(stream.State.View, stream.Replay().View);
            Assert.Equal(stream.State.View, stream.Restore().View);
            Assert.Equal(stream.State.Holder, stream.Restore().Holder);
        });

    private LeaseReading View() => _lease.Read(static state => state.View);

    private LeaseOutcome Acquire(int id, string holder, ulong fingerprint = 7) =>
        _lease.Acquire(new(new(Id(id), fingerprint), holder, Ttl));

    private LeaseOutcome Renew(int id, long number, TimeSpan? ttl = null, ulong fingerprint = 7) =>
        _lease.Renew(new(new(Id(id), fingerprint), number, ttl ?? Ttl));

    private LeaseOutcome Release(int id, long number, ulong fingerprint = 7) => _lease.Release(new(new(Id(id), fingerprint), number));

    private static Guid Id(int id) => new(id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
