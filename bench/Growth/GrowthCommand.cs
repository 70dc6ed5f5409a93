using System.CommandLine;
using Holdfast.Bench.Measuring;
using Holdfast.Bench.Reservations;

namespace Holdfast.Bench.Growth;

/// <summary><c>bench growth</c>: what an operation costs when much has happened before.</summary>
internal static class GrowthCommand
{
    private const int FewProducts = 1_000;

    private static readonly Option<int> OpenReservations =
        WholeNumber.Option("--open", "Open reservations of the product that has many.", 100_000, 1_000_000);

    private static readonly Option<int> ClosedReservations =
        WholeNumber.Option("--closed", "Reservations of one product that were made and released today; past 100,000 their receipts move to a table.", 200_000, 10_000_000);

    private static readonly Option<int> Movements =
        WholeNumber.Option("--movements", "Movements of the product that has many.", 1_000_000, 10_000_000);

    private static readonly Option<int> Skus =
        WholeNumber.Option("--products", "Products in the store that has many; more than 1,000.", 1_000_000, 1_000_000);

    private static readonly Option<int> FinishedOrders =
        WholeNumber.Option("--finished-orders", "Finished orders in the store that has many.", 1_000_000, 10_000_000);

    private static readonly PlanOptions Plans = new(seconds: 5, ReservationsCommand.MaxSeconds, rounds: 5, warmUp: 5);

    public static Command Create(TimeProvider clock) => MeasuringCommand.Create(
        "growth",
        "Measures what much before costs: open and closed reservations, movements, products, finished orders.",
        clock,
        Measure,
        [OpenReservations, ClosedReservations, Movements, Skus, FinishedOrders, .. Plans.All]);

    private static async Task<IReadOnlyList<Comparison>> Measure(MeasuringRun run, CancellationToken cancellationToken)
    {
        var options = run.Options;
        var products = options.GetValue(Skus);
        if (products <= FewProducts) throw new BenchException($"--products {products} must be more than {FewProducts}.");
        var sizes = new GrowthSizes(
            [0, options.GetValue(OpenReservations)],
            [0, options.GetValue(ClosedReservations)],
            [0, options.GetValue(Movements)],
            [1, FewProducts, products],
            [0, options.GetValue(FinishedOrders)]);
        return (await GrowthSection.Measure(run, Plans.Read(options), sizes, cancellationToken)).Comparisons;
    }
}
