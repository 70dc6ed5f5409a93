using System.CommandLine;
using Holdfast.Bench.Measuring;
using Holdfast.Bench.Replay;

namespace Holdfast.Bench.Reservations;

/// <summary><c>bench reservations</c>: durable reservations a second, of one product and of many, against plain grains and SQL.</summary>
internal static class ReservationsCommand
{
    /// <summary>A product holds two million open reservations at most; a round must not come near.</summary>
    public const int MaxSeconds = 8;

    /// <summary>Of Zipf's law, as the literature on skewed keys has it.</summary>
    private const double ZipfExponent = 0.99;

    private static readonly PlanOptions Plans = new(seconds: 5, MaxSeconds, rounds: 3, warmUp: 3);
    private static readonly Option<int> Skus = WholeNumber.Option("--products", "Products, where reservations are of many.", 10_000, 1_000_000);

    private static readonly Option<string?> InvoicesPath = new("--invoices")
    {
        Description = "A CSV file of invoices, as bench replay reads them: reservations are also of SKUs as popular as there.",
    };

    public static Command Create(TimeProvider clock) => MeasuringCommand.Create(
        "reservations",
        "Measures durable reservations a second, in process, against plain Orleans grains and SQL.",
        clock,
        Measure,
        [Skus, InvoicesPath, .. Plans.All]);

    /// <summary>All alike, as by Zipf's law, and as on the invoices if there are any.</summary>
    /// <exception cref="BenchException">The file is missing or is not an invoice file.</exception>
    public static IReadOnlyList<Popularity> Popularities(int products, string? invoices) =>
    [
        Popularity.Even(products),
        Popularity.Zipf(products, ZipfExponent),
        .. invoices is null ? [] : (Popularity[])[Popularity.Of(Invoices.ReadFile(invoices, limit: null))],
    ];

    private static async Task<IReadOnlyList<Comparison>> Measure(MeasuringRun run, CancellationToken cancellationToken)
    {
        var popularities = Popularities(run.Options.GetValue(Skus), run.Options.GetValue(InvoicesPath));
        return (await ReservationSection.Measure(run, Plans.Read(run.Options), popularities, cancellationToken)).Comparisons;
    }
}
