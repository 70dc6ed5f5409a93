using System.CommandLine;
using System.Globalization;
using Holdfast.Bench.Replay;
using Holdfast.Contracts;
using Spectre.Console;

namespace Holdfast.Bench.Counters;

/// <summary><c>bench counters</c>: a counter with shards against one without, on a cluster, and whether both are exact.</summary>
internal static class CountersCommand
{
    private const int MaxProcesses = 16;
    private const int MaxSeconds = 3_600;

    private static readonly Option<int> Shards = WholeNumber.Option("--shards", "Shards, 2 or more.", 16, Limits.CounterShards);
    private static readonly Option<int> Callers = WholeNumber.Option("--callers", "Who increment at a time.", 128, 4_096);
    private static readonly Option<int> Readers = WholeNumber.Option("--readers", "Who read at a time.", 4, 1_024);
    private static readonly Option<int> Silos = WholeNumber.Option("--silos", "Silos.", 3, MaxProcesses);
    private static readonly Option<int> FrontDoors = WholeNumber.Option("--apis", "Front doors.", 2, MaxProcesses);
    private static readonly Option<int> Seconds = WholeNumber.Option("--seconds", "How long each counter's turn takes.", 8, MaxSeconds);
    private static readonly Option<int> Turns =
        WholeNumber.Option("--turns", "Turns of each counter that count; one more before them does not.", 3, 1_000);

    private static readonly Option<bool> Kills = new("--kill") { Description = "Kill processes meanwhile; the figures mean little then." };
    private static readonly Option<int> Every =
        WholeNumber.Option("--every", "With --kill: seconds from one kill to the next.", 10, MaxSeconds);

    private static readonly Option<int> Patience =
        WholeNumber.Option("--patience", "Seconds to go on retrying while nothing is answered.", 300, MaxSeconds);

    private static readonly Option<int> Seed = WholeNumber.Option("--seed", "Seed of who is killed, when and how.", 1, int.MaxValue);

    public static Command Create(TimeProvider clock)
    {
        var command = new Command("counters", "Increments a counter with shards and one without, in turn, on a cluster.")
        {
            Shards, Callers, Readers, Silos, FrontDoors, Seconds, Turns, Kills, Every, Patience, Seed,
        };
        command.SetAction((options, cancellationToken) => Terminal.Run(
            async () => await Run(options, clock, cancellationToken) ? ExitCode.Passed : ExitCode.CheckFailed,
            "Stopped before the end; nothing was checked."));
        return command;
    }

    private static async Task<bool> Run(ParseResult options, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (options.GetValue(Shards) < 2) throw new BenchException("--shards must be 2 or more: one shard is a counter as it is.");
        var console = Terminal.Output();
        var progress = new ReplayProgress(clock);
        var run = new CountersRun(Settings(options), clock, progress, line => console.WriteLine(line));
        var report = await new ProgressView(progress, console, clock).Watch(run.Execute(cancellationToken));
        console.Write(ReportView.Checks(report.Checks));
        var plain = Median(report.Counters[0].PerSecond);
        foreach (var counter in report.Counters)
        {
            var perSecond = Median(counter.PerSecond);
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{counter.Name}: {perSecond:N0} increments a second ({perSecond / plain:0.00} of one owner's), "
                + $"p50 {counter.Ms.P50:0.0}, p99 {counter.Ms.P99:0.0} ms; {counter.Reads:N0} reads"));
        }

        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Kills.Count} kills."));
        console.MarkupLine(report.Ok ? "[green]Every check held.[/]" : "[red]A check FAILED.[/]");
        return report.Ok;
    }

    private static double Median(IReadOnlyList<double> rounds) => rounds.Order().ElementAt(rounds.Count / 2);

    private static CountersSettings Settings(ParseResult options) => new(
        options.GetValue(Silos),
        options.GetValue(FrontDoors),
        options.GetValue(Shards),
        options.GetValue(Callers),
        options.GetValue(Readers),
        TimeSpan.FromSeconds(options.GetValue(Seconds)),
        options.GetValue(Turns) + 1,
        options.GetValue(Kills) ? TimeSpan.FromSeconds(options.GetValue(Every)) : null,
        TimeSpan.FromSeconds(options.GetValue(Patience)),
        options.GetValue(Seed));
}
