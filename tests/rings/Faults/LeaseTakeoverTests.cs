using System.Globalization;
using Holdfast.Contracts.Leases;
using Xunit.Abstractions;

namespace Holdfast.Rings.Faults;

/// <summary>A lease whose holder is dead, and with it the silo that knew of it: how long others wait.</summary>
[Collection(FaultRing.Name)]
public sealed class LeaseTakeoverTests(FaultCluster cluster, ITestOutputHelper output)
{
    /// <summary>Longer than a cluster takes to replace a silo, so that it is the term that is waited for.</summary>
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(10);

    /// <summary>What is promised beyond the term.</summary>
    private static readonly TimeSpan Room = TimeSpan.FromSeconds(1);

    /// <summary>How far a silo's idea of the database's clock may be off, and how long an append may have been collected before.</summary>
    private static readonly TimeSpan Early = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private const int Tries = 300;

    [PostgresFact(Wants.Server)]
    public async Task It_is_taken_over_within_a_second_of_its_end_when_its_holder_and_its_silo_are_dead()
    {
        await cluster.Heal();
        try
        {
            var (name, asked, answered) = await Hold();
            await cluster.Silos[0].Kill();

            LeaseOutcome taken;
            var tries = 0;
            do
            {
                Assert.True(TimeProvider.System.GetElapsedTime(answered) < FaultCluster.Patience, "Nobody got the lease.");
                if (tries++ > 0) await Task.Delay(Pause, TimeProvider.System);
                taken = await Acquire(name, "next");
            }
            while (taken.Status != LeaseStatus.Done);

            var (since, atMost) = (TimeProvider.System.GetElapsedTime(answered), TimeProvider.System.GetElapsedTime(asked));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"taken over {since.TotalSeconds:0.00} s after a term of {Ttl.TotalSeconds} s had begun, {tries} tries"));
            Assert.Equal(("next", 2L), (taken.Lease.Holder, taken.Lease.Number));
            Assert.InRange(since, TimeSpan.Zero, Ttl + Room);
            Assert.InRange(atMost, Ttl - Early, FaultCluster.Patience);
        }
        finally
        {
            await cluster.Heal();
        }
    }

    /// <summary>Comes to hold a lease whose owner lives on the first silo; says between which moments.</summary>
    private async Task<(string Name, long Asked, long Answered)> Hold()
    {
        for (var i = 0; i < Tries; i++)
        {
            var (name, asked) = ($"taken-over-{Guid.NewGuid():N}", TimeProvider.System.GetTimestamp());
            Assert.Equal(LeaseStatus.Done, (await Acquire(name, "first")).Status);
            var answered = TimeProvider.System.GetTimestamp();
            if (await cluster.HomeOf(cluster.Grains.GetGrain<ILease>(name)) == cluster.Silos[0].SiloPort) return (name, asked, answered);
        }

        throw new InvalidOperationException($"Of {Tries} leases none lives on the first silo.");
    }

    private ValueTask<LeaseOutcome> Acquire(string name, string holder)
    {
        var command = new AcquireLease(new(Guid.NewGuid(), 1), holder, Ttl);
        return new(cluster.Repeat(grains => grains.GetGrain<ILease>(name).Acquire(command)));
    }
}
