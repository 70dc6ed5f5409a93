using System.Globalization;
using Holdfast.Bench.Replay;

namespace Holdfast.Bench.Measuring;

/// <summary>How often each of a number of products is asked for.</summary>
/// <param name="Name">Ends a sentence that begins with "Reservations of".</param>
/// <param name="Products">How many there are.</param>
internal sealed record Popularity(string Name, int Products)
{
    /// <summary>Which of the products are the popular ones is drawn once, the same for every run and every way.</summary>
    private const int ShuffleSeed = 1;

    private readonly AliasTable? _odds;

    private Popularity(string name, double[] weights)
        : this(name, weights.Length)
    {
        // The popular ones would be neighbours in every index, and share its pages.
        new Random(ShuffleSeed).Shuffle(weights);
        _odds = new(weights);
    }

    public static Popularity Even(int products) => new(Text($"{products:N0} products"), products);

    /// <summary>The product of rank r is asked for in proportion to r to the power of minus <paramref name="exponent"/>.</summary>
    public static Popularity Zipf(int products, double exponent) => new(
        Text($"{products:N0} products, popular as by Zipf's law ({exponent})"),
        [.. Enumerable.Range(1, products).Select(rank => Math.Pow(rank, -exponent))]);

    /// <summary>As real customers asked: a SKU weighs as many lines as name it on the invoices, returns left out.</summary>
    public static Popularity Of(IEnumerable<Invoice> invoices)
    {
        double[] weights =
        [
            .. invoices.Where(static invoice => !invoice.IsReturn)
                .SelectMany(static invoice => invoice.Lines)
                .CountBy(static line => line.Sku)
                .OrderBy(static sku => sku.Key, StringComparer.Ordinal)
                .Select(static sku => (double)sku.Value),
        ];
        return new(Text($"{weights.Length:N0} products, popular as on a shop's invoices"), weights);
    }

    /// <summary>A product's number, from 0.</summary>
    public int Draw(Random random) => _odds?.Draw(random) ?? random.Next(Products);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
