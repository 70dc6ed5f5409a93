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

    private static readonly Option<int> Seconds = WholeNumber.Option("--seconds", "How long a round of orders takes.", 5, 600);
    private static readonly Option<int> Rounds = WholeNumber.Option("--rounds", "Rounds of each side; the figures are their medians.", 5, 100);
    private static readonly Option<int> Clients = WholeNumber.Option("--clients", "Callers, each with one call in flight.", 256, 10_000);
    private static readonly Option<int> Seed = WholeNumber.Option("--seed", "Seed of the callers' choices.", 1, 1_000_000_000);

    public static Command Create(TimeProvider clock) => MeasuringCommand.Create(
        "growth",
        "Measures what a long history costs: open reservations, movements, finished orders.",
        clock,
        Measure,
        OpenReservations, Movements, FinishedOrders, Seconds, Rounds, Clients, Seed);

    private static async Task<IReadOnlyList<Comparison>> Measure(MeasuringRun run, CancellationToken cancellationToken)
    {
        var options = run.Options;
        var effort = Effort.For(TimeSpan.FromSeconds(options.GetValue(Seconds)));
        var plan = new Plan(options.GetValue(Clients), options.GetValue(Rounds), effort, effort, options.GetValue(Seed));
        var comparisons = new List<Comparison>();
        await using (var silo = await BenchSilo.Start(run.Work.For("data"), cancellationToken))
        {
            comparisons.Add(await OpenHolds.Compare(silo, plan, options.GetValue(OpenReservations), run));
            comparisons.Add(await LongHistory.Compare(silo, plan, options.GetValue(Movements), run));
        }

        await using var empty = await BenchSilo.Start(run.Work.For("empty"), cancellationToken);
        await using var full = await BenchSilo.Start(run.Work.For("full"), cancellationToken);
        comparisons.Add(await OldOrders.Compare(empty, full, plan, options.GetValue(FinishedOrders), run, cancellationToken));
        return comparisons;
    }
}
