using System.CommandLine;
using Holdfast.Bench.Measuring;

namespace Holdfast.Bench.AsOf;

/// <summary><c>bench as-of</c>: what it costs to ask for a product's past when that is short, and when it is long.</summary>
internal static class AsOfCommand
{
    private const int MaxPercent = 100;

    private static readonly Option<int> Few = WholeNumber.Option("--few", "Movements of the product with a short past.", 1_000, 100_000);

    private static readonly Option<int> Many =
        WholeNumber.Option("--many", "Movements of the product with a long past.", 1_000_000, 10_000_000);

    private static readonly Option<int> Late =
        WholeNumber.Option("--late", "Percent of the movements that correct what was true up to a year earlier.", 10, MaxPercent);

    private static readonly Option<int> Pairs =
        WholeNumber.Option("--pairs", "Pairs of times that are asked for and added up from a list of all movements.", 2_000, 1_000_000);

    private static readonly PlanOptions Plans = new(seconds: 5, maxSeconds: 60, rounds: 3);

    public static Command Create(TimeProvider clock) => MeasuringCommand.Create(
        "as-of",
        "Measures what was on hand at some time as known at some time, of a short past and a long one, and checks it against a list.",
        clock,
        Measure,
        [Few, Many, Late, Pairs, .. Plans.All]);

    private static async Task<IReadOnlyList<Comparison>> Measure(MeasuringRun run, CancellationToken cancellationToken)
    {
        int[] sizes = [run.Options.GetValue(Few), run.Options.GetValue(Many)];
        if (sizes[0] >= sizes[1]) throw new BenchException("--few must be less than --many.");
        var plan = Plans.Read(run.Options);
        await using var few = await BenchSilo.Start(run.Stores, "few", cancellationToken);
        await using var many = await BenchSilo.Start(run.Stores, "many", cancellationToken);
        var pasts = new List<ProductPast>();
        foreach (var (silo, size) in new[] { few, many }.Zip(sizes))
        {
            var past = new ProductPast(silo, run.Clock, plan.Seed);
            await past.Make(size, run.Options.GetValue(Late), run.Progress, cancellationToken);
            await past.Check(run.Options.GetValue(Pairs), run.Progress, cancellationToken);
            pasts.Add(past);
        }

        var contest = new Contest(plan, run.Progress, cancellationToken);
        return
        [
            await contest.Run("What was on hand at some time, as known at another", [.. pasts.Select(static past => new Way(
                past.Name, async client => await past.Ask(past.Draw(client), CancellationToken.None)))]),
            await contest.Run("What is on hand now", [.. pasts.Select(static past => new Way(
                past.Name, _ => past.AskNow()))]),
        ];
    }
}
