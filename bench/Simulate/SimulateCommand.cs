using System.CommandLine;
using System.Globalization;
using Holdfast.Simulation;
using Spectre.Console;

namespace Holdfast.Bench.Simulate;

/// <summary><c>bench simulate</c>: whole orders, each in a world of its own where everything goes wrong, and every one of them repeatable.</summary>
internal static class SimulateCommand
{
    private const int MaxThreads = 256;
    private const int FailuresShown = 5;

    private static readonly Option<int> Orders = WholeNumber.Option("--orders", "Orders to simulate.", 20_000, int.MaxValue);
    private static readonly Option<int> Seed = WholeNumber.Option("--seed", "Decides everything: the same seed gives the same orders.", 1, int.MaxValue);
    private static readonly Option<int> Threads = WholeNumber.Option(
        "--threads", "Orders simulated at a time; it changes nothing but the time it takes.", Environment.ProcessorCount, MaxThreads);

    private static readonly Option<int?> Only = new("--only")
    {
        Description = "Simulate this one of the seed's orders alone, and print all that happened to it.",
        CustomParser = static result => WholeNumber.Parse(result, int.MaxValue),
    };

    public static Command Create(TimeProvider clock)
    {
        var command = new Command("simulate", "Simulates whole orders with the product's own owners and steps, and checks each: exit code 1 when one went wrong.")
        {
            Orders, Seed, Only, Threads,
        };
        command.SetAction((options, cancellationToken) => Terminal.Run(
            () => Task.Run(() => Run(options, clock, cancellationToken), cancellationToken), "Stopped before the end."));
        return command;
    }

    private static int Run(ParseResult options, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (output, seed) = (Terminal.Output(), (ulong)options.GetValue(Seed));
        return options.GetValue(Only) is { } number
            ? RunOne(OrderSimulation.Run(Dice.SeedOf(seed, number)), output)
            : RunAll(new(seed, options.GetValue(Orders), options.GetValue(Threads)), clock, output, cancellationToken);
    }

    private static int RunOne(SimulatedOrder order, IAnsiConsole output)
    {
        output.Write(order.History);
        output.WriteLine(order.Failure is null ? $"{order.Status}: every check held." : $"{order.Status}: {order.Failure}");
        return order.Failure is null ? ExitCode.Passed : ExitCode.CheckFailed;
    }

    private static int RunAll(SimulationRun run, TimeProvider clock, IAnsiConsole output, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var result = run.Execute(cancellationToken);
        var seconds = clock.GetElapsedTime(started).TotalSeconds;
        var ends = result.Ends.OrderByDescending(static end => end.Value).Select(static end => $"{end.Value:N0} {end.Key}");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Orders:N0} orders of seed {run.Seed} in {seconds:N1} s, {run.Orders / seconds:N0} a second: {string.Join(", ", ends)}"));
        output.WriteLine($"SHA-256 of everything that happened: {Convert.ToHexStringLower(result.Digest)}");
        foreach (var (number, failure) in result.Failures.Take(FailuresShown))
        {
            output.WriteLine($"Order {number}: {failure}");
            output.WriteLine($"  bench simulate --seed {run.Seed} --only {number}");
        }

        output.WriteLine(result.Failures.Count == 0 ? "Every check held." : $"{result.Failures.Count:N0} orders went wrong.");
        return result.Failures.Count == 0 ? ExitCode.Passed : ExitCode.CheckFailed;
    }
}
