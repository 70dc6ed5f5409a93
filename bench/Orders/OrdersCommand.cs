using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Holdfast.Bench.Measuring;
using Holdfast.Bench.Plain;
using Holdfast.Journal;

namespace Holdfast.Bench.Orders;

/// <summary><c>bench orders</c>: whole orders a second, from placed to completed, against plain grains that store each step.</summary>
internal static class OrdersCommand
{
    private const int MaxSeconds = 600;
    private const int MaxLines = 1_000;

    private static readonly Option<int[]> Lines = new("--lines")
    {
        Description = "Lines of an order: one number, or several with commas between.",
        DefaultValueFactory = static _ => [1, 5, 21],
        CustomParser = ParseLines,
    };

    private static readonly Option<int> Seconds = WholeNumber.Option("--seconds", "How long a round takes.", 10, MaxSeconds);
    private static readonly Option<int> WarmUp = WholeNumber.Option("--warm-up", "Seconds that each way runs before it is measured.", 5, MaxSeconds);
    private static readonly Option<int> Rounds = WholeNumber.Option("--rounds", "Rounds of each way; the figures are their medians.", 3, 100);
    private static readonly Option<int> Clients = WholeNumber.Option("--clients", "Callers, each with one order in flight.", 256, 10_000);
    private static readonly Option<int> Skus = WholeNumber.Option("--products", "Products that the orders are spread over.", 10_000, 1_000_000);
    private static readonly Option<int> Seed = WholeNumber.Option("--seed", "Seed of the callers' choices.", 1, 1_000_000_000);

    public static Command Create(TimeProvider clock) => MeasuringCommand.Create(
        "orders",
        "Measures whole orders a second, in process, against plain Orleans grains.",
        clock,
        Measure,
        Lines, Seconds, WarmUp, Rounds, Clients, Skus, Seed);

    private static async Task<IReadOnlyList<Comparison>> Measure(MeasuringRun run, CancellationToken cancellationToken)
    {
        var options = run.Options;
        var products = options.GetValue(Skus);
        var seconds = TimeSpan.FromSeconds(options.GetValue(Seconds));
        var busy = new Plan(
            options.GetValue(Clients),
            options.GetValue(Rounds),
            Effort.For(TimeSpan.FromSeconds(options.GetValue(WarmUp))),
            Effort.For(seconds),
            options.GetValue(Seed));
        var idle = busy with { Clients = 1, WarmUp = Effort.For(TimeSpan.FromSeconds(1)) };
        await using var silo = await BenchSilo.Start(
            run.Work.For("data"), cancellationToken, builder => builder.AddPlainStorage(run.Work.For("plain/plain.db")));
        run.Progress.Say($"{products} products of each way are made");
        await Products.Create(silo.Grains, products, cancellationToken);
        await Products.CreatePlain<IStoredStock>(silo.Grains, products, cancellationToken);
        var comparisons = new List<Comparison>();
        foreach (var plan in (Plan[])[busy, idle])
        {
            foreach (var lines in options.GetRequiredValue(Lines)) comparisons.Add(await Compare(silo, plan, lines, products, run.Progress));
        }

        return comparisons;
    }

    private static async Task<Comparison> Compare(BenchSilo silo, Plan plan, int lines, int products, Progress progress)
    {
        var placing = new Placing(silo.Grains, products, lines);
        var comparison = await new Contest(plan, progress).Run(
            lines == 1 ? "Orders of 1 line" : $"Orders of {lines} lines",
            new Way("Holdfast", placing.PlaceAndWait),
            new Way("plain grains, AdoNet storage", placing.PlacePlain));
        var steps = await StepTimes.Of(placing.Sample, silo.Service<IJournalStore>());
        return comparison with { Notes = [steps.ToString(), Stored(comparison.Standings[0])] };
    }

    private static string Stored(Standing holdfast) => string.Create(
        CultureInfo.InvariantCulture,
        $"an order is {holdfast.AppendsPerOperation:F1} appends (rows of the journal) and {holdfast.MessagesPerOperation:F1} messages (rows of the outbox, come and gone)");

    private static int[]? ParseLines(ArgumentResult result)
    {
        var texts = result.Tokens.SelectMany(static token => token.Value.Split(',')).ToArray();
        var numbers = texts
            .Select(static text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .ToArray();
        if (numbers.Length > 0 && Array.TrueForAll(numbers, static number => number is >= 1 and <= MaxLines)) return numbers;
        result.AddError($"--lines '{string.Join(',', texts)}' must be whole numbers from 1 to {MaxLines}, with commas between.");
        return null;
    }
}
