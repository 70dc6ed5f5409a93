using System.CommandLine;
using System.Globalization;
using Holdfast.Bench.Measuring;
using Holdfast.Bench.Plain;
using Holdfast.Journal;

namespace Holdfast.Bench.Orders;

/// <summary><c>bench orders</c>: whole orders a second, from placed to completed, against plain grains that store each step.</summary>
internal static class OrdersCommand
{
    private const int MaxLines = 1_000;

    private static readonly Option<int[]> Lines =
        WholeNumber.List("--lines", "Lines of an order: one number, or several with commas between.", [1, 5, 21], MaxLines);

    private static readonly PlanOptions Plans = new(seconds: 10, maxSeconds: 600, rounds: 3, warmUp: 5);
    private static readonly Option<int> Skus = WholeNumber.Option("--products", "Products that the orders are spread over.", 10_000, 1_000_000);

    public static Command Create(TimeProvider clock) => MeasuringCommand.Create(
        "orders",
        "Measures whole orders a second, in process, against plain Orleans grains.",
        clock,
        Measure,
        [Lines, Skus, .. Plans.All]);

    private static async Task<IReadOnlyList<Comparison>> Measure(MeasuringRun run, CancellationToken cancellationToken)
    {
        var options = run.Options;
        var products = options.GetValue(Skus);
        var busy = Plans.Read(options);
        var idle = busy with { Clients = 1, WarmUp = Effort.For(TimeSpan.FromSeconds(1)) };
        await using var silo = await BenchSilo.Start(
            run.Stores, "data", cancellationToken, await run.Stores.Plain(cancellationToken));
        run.Progress.Say($"{products} products of each way are made");
        await Products.Create(silo.Grains, products, cancellationToken);
        await Products.CreatePlain<IStoredStock>(silo.Grains, products, cancellationToken);
        var comparisons = new List<Comparison>();
        foreach (var plan in (Plan[])[busy, idle])
        {
            var contest = new Contest(plan, run.Progress, cancellationToken);
            foreach (var lines in options.GetRequiredValue(Lines)) comparisons.Add(await Compare(silo, contest, lines, products));
        }

        return comparisons;
    }

    private static async Task<Comparison> Compare(BenchSilo silo, Contest contest, int lines, int products)
    {
        var placing = new Placing(silo.Grains, products, lines);
        var comparison = await contest.Run(
            lines == 1 ? "Orders of 1 line" : $"Orders of {lines} lines",
            new Way("Holdfast", placing.PlaceAndWait),
            new Way("plain grains, AdoNet storage", placing.PlacePlain));
        var steps = await StepTimes.Of(placing.Sample, silo.Service<IJournalStore>());
        return comparison with { Notes = [steps.ToString(), Stored(comparison.Standings[0])] };
    }

    private static string Stored(Standing holdfast) => string.Create(
        CultureInfo.InvariantCulture,
        $"an order is {holdfast.AppendsPerOperation:F1} appends (rows of the journal) and {holdfast.MessagesPerOperation:F1} messages (rows of the outbox, come and gone)");
}
