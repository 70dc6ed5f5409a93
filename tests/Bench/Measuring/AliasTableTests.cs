using CsCheck;
using Holdfast.Bench.Measuring;

namespace Holdfast.Tests.Bench.Measuring;

public sealed class AliasTableTests
{
    private const int Draws = 20_000;

    /// <summary>Standard deviations that a count may be off; a right table passes it once in 10^11, and a few more for rare numbers.</summary>
    private const double Deviations = 7;

    private static readonly Gen<double[]> Weights = Gen.OneOf(Gen.Const(0.0), Gen.Double[0, 1], Gen.Double[0, 1_000])
        .Array[1, 20]
        .Where(static weights => weights.Sum() > 0.001);

    [Fact]
    public void Each_number_is_drawn_as_often_as_its_weight_says()
    {
        Gen.Select(Weights, Gen.Int).Sample(
            static (weights, seed) =>
            {
                var counts = Draw(new(weights), Draws, seed);
                for (var i = 0; i < weights.Length; i++)
                {
                    var odds = weights[i] / weights.Sum();
                    var deviation = Math.Sqrt(Draws * odds * (1 - odds));
                    Assert.InRange(counts[i] - (Draws * odds), -((Deviations * deviation) + 10), (Deviations * deviation) + 10);
                }
            },
            iter: 60,
            threads: 1);
    }

    [Fact]
    public void What_weighs_nothing_is_never_drawn()
    {
        var counts = Draw(new([0, 3, 0, 1, 0]), Draws, seed: 1);

        Assert.Equal([0, 0, 0], new[] { counts[0], counts[2], counts[4] });
        Assert.Equal(Draws, counts[1] + counts[3]);
    }

    [Fact]
    public void The_same_seed_draws_the_same_numbers()
    {
        var table = new AliasTable([1, 2, 3, 4]);

        Assert.Equal(Draw(table, Draws, seed: 7), Draw(table, Draws, seed: 7));
        Assert.NotEqual(Draw(table, Draws, seed: 7), Draw(table, Draws, seed: 8));
    }

    [Theory]
    [InlineData]
    [InlineData(0, 0)]
    [InlineData(1, -1, 5)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Weights_that_make_no_odds_are_refused(params double[] weights)
    {
        Assert.Throws<ArgumentException>(() => new AliasTable(weights));
    }

    private static int[] Draw(AliasTable table, int draws, int seed)
    {
        var (random, counts) = (new Random(seed), new int[table.Count]);
        for (var i = 0; i < draws; i++) counts[table.Draw(random)]++;
        return counts;
    }
}
