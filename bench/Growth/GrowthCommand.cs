using System.CommandLine;
using Holdfast.Bench.Measuring;

namespace Holdfast.Bench.Growth;

/// <summary><c>bench growth</c>: what a reservation, an activation and an order cost when much has happened before.</summary>
internal static class GrowthCommand
{
    private static readonly Option<int> OpenReservations =
        WholeNumber.Option("--open", "Open reservations of the product that has many.", 100_000, 1_000_000);

    private static readonly Option<int> Movements =
        WholeNumber.Option("--movements", "Movements of the product that has many.", 1_000_000, 10_000_000);

    private static readonly Option<int> FinishedOrders =
        WholeNumber.Option("--finished-orders", "Finished orders in the store that has many.", 1_000_000, 10_000_000);

    private static readonly PlanOptions Plans = new(seconds: 5, maxSeconds: 600, rounds: 5);

    public static Command Create(TimeProvider clock) => MeasuringCommand.Create(
        "growth",
        "Measures what a long history costs: open reservations, movements, finished orders.",
        clock,
        Measure,
        [OpenReservations, Movements, FinishedOrders, .. Plans.All]);

    private static async Task<IReadOnlyList<Comparison>> Measure(MeasuringRun run, CancellationToken cancellationToken)
    {
        var options = run.Options;
        var plan = Plans.Read(options);
        var comparisons = new List<Comparison>();
        await using (var silo = await BenchSilo.Start(run.Stores, "data", cancellationToken))
        {
            comparisons.Add(await OpenHolds.Compare(silo, plan, options.GetValue(OpenReservations), run, cancellationToken));
            comparisons.Add(await LongHistory.Compare(silo, plan, options.GetValue(Movements), run, cancellationToken));
        }

        await using var empty = await BenchSilo.Start(run.Stores, "empty", cancellationToken);
        await using var full = await BenchSilo.Start(run.Stores, "full", cancellationToken);
        comparisons.Add(await OldOrders.Compare(empty, full, plan, options.GetValue(FinishedOrders), run, cancellationToken));
        return comparisons;
    }
}
