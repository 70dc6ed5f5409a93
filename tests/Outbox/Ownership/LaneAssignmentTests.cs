using System.Net;
using CsCheck;
using Holdfast.Outbox.Lanes;
using Holdfast.Outbox.Ownership;

namespace Holdfast.Tests.Outbox.Ownership;

public sealed class LaneAssignmentTests
{
    private static readonly Gen<SiloAddress> Silo = Gen.Select(Gen.Int[1, 250], Gen.Int[1, 60_000], Gen.Int[1, 400_000_000], static (host, port, generation) =>
        SiloAddress.New(new IPEndPoint(new IPAddress([10, 0, 0, (byte)host]), port), generation));

    private static readonly Gen<SiloAddress[]> Silos = Silo.ArrayUnique[1, 15];

    [Fact]
    public void Every_lane_has_one_owner_and_within_a_class_the_counts_differ_by_at_most_one() => Silos.Sample(static silos =>
    {
        var owners = LaneAssignment.Assign(silos);
        Assert.Equal(LaneNumbers.Count, owners.Length);
        foreach (var laneClass in LaneNumbers.Classes)
        {
            var (first, count) = LaneNumbers.Of(laneClass);
            var owned = silos.Select(silo => owners.Skip(first).Take(count).Count(silo.Equals)).ToArray();
            Assert.Equal(count, owned.Sum());
            Assert.InRange(owned.Max() - owned.Min(), 0, 1);
        }
    });

    [Fact]
    public void Every_silo_comes_to_the_same_answer_in_whatever_order_it_knows_the_others() => Gen.Select(Silos, Gen.Int).Sample(static (silos, seed) =>
    {
        var shuffled = silos.ToArray();
        new Random(seed).Shuffle(shuffled);
        Assert.Equal(LaneAssignment.Assign(silos), LaneAssignment.Assign([.. shuffled, shuffled[0]]));
    });

    [Fact]
    public void A_silo_that_joins_or_leaves_moves_few_lanes_besides_its_own()
    {
        var (moved, least, cases) = (0, 0, 0);
        Silo.ArrayUnique[2, 15].Sample(
            silos =>
            {
                var without = LaneAssignment.Assign(silos[1..]);
                var with = LaneAssignment.Assign(silos);
                moved += Enumerable.Range(0, LaneNumbers.Count).Count(lane => !Equals(without[lane], with[lane]));
                least += with.Count(owner => silos[0].Equals(owner));
                cases++;
            },
            iter: 2_000,
            threads: 1);
        Assert.True(moved <= least + (cases * LaneNumbers.Classes.Count / 2), $"{(double)moved / cases:F2} lanes moved on average, of which {(double)least / cases:F2} had to.");
    }

    [Fact]
    public void Without_a_silo_no_lane_has_an_owner() => Assert.All(LaneAssignment.Assign([]), Assert.Null);
}
