using Holdfast.Bench.Measuring;
using Holdfast.Bench.Replay;

namespace Holdfast.Tests.Bench.Measuring;

public sealed class PopularityTests
{
    private const int Draws = 200_000;

    [Fact]
    public void Zipf_asks_for_each_rank_in_proportion_to_its_power()
    {
        var byRank = Draw(Popularity.Zipf(1_000, 0.99)).OrderDescending().ToArray();

        var sum = Enumerable.Range(1, 1_000).Sum(static rank => Math.Pow(rank, -0.99));
        for (var rank = 1; rank <= 20; rank++) Assert.Equal(Math.Pow(rank, -0.99) / sum, (double)byRank[rank - 1] / Draws, tolerance: 0.003);
        Assert.Equal(Enumerable.Range(1, 100).Sum(static rank => Math.Pow(rank, -0.99)) / sum, byRank.Take(100).Sum() / (double)Draws, tolerance: 0.01);
    }

    [Fact]
    public void The_popular_products_do_not_lie_side_by_side()
    {
        var counts = Draw(Popularity.Zipf(1_000, 0.99));

        var most = counts.Index().OrderByDescending(static product => product.Item).Take(10).Select(static product => product.Index).Order().ToArray();
        Assert.True(most[^1] - most[0] > 100, string.Join(", ", most));
    }

    [Fact]
    public void Invoices_weigh_a_sku_by_the_lines_that_name_it_and_returns_do_not_count()
    {
        var popularity = Popularity.Of([Invoice("1", "TEA", "POT"), Invoice("2", "TEA"), Invoice("3", "TEA"), Invoice("C4", "CUP")]);

        Assert.Equal(2, popularity.Products);
        var counts = Draw(popularity).Order().ToArray();
        Assert.Equal([0.25, 0.75], counts.Select(static count => Math.Round((double)count / Draws, 2)));
    }

    [Fact]
    public void Alike_is_alike()
    {
        Assert.All(Draw(Popularity.Even(10)), static count => Assert.Equal(0.1, (double)count / Draws, tolerance: 0.01));
    }

    private static Invoice Invoice(string number, params string[] skus) =>
        new(number, DateTimeOffset.UnixEpoch, "1", [.. skus.Select(static sku => new InvoiceLine(sku, Units: 5))]);

    private static int[] Draw(Popularity popularity)
    {
        var (random, counts) = (new Random(1), new int[popularity.Products]);
        for (var i = 0; i < Draws; i++) counts[popularity.Draw(random)]++;
        return counts;
    }
}
