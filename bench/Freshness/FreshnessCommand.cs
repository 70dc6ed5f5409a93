using System.CommandLine;
using System.Globalization;
using Holdfast.Bench.Replay;
using Spectre.Console;

namespace Holdfast.Bench.Freshness;

/// <summary><c>bench freshness</c>: whether lists show what was acknowledged, while processes are killed.</summary>
internal static class FreshnessCommand
{
    private const int MaxProcesses = 16;
    private const int MaxSeconds = 3_600;

    private static readonly Option<int> Changes =
        WholeNumber.Option("--changes", "Changes after each of which the list is read.", 100_000, 10_000_000);

    private static readonly Option<int> Writers = WholeNumber.Option("--writers", "Who change at a time, each two products.", 24, 1_024);
    private static readonly Option<int> Witnesses = WholeNumber.Option("--witnesses", "Who read with what others were told.", 4, 1_024);
    private static readonly Option<int> Silos = WholeNumber.Option("--silos", "Silos.", 3, MaxProcesses);
    private static readonly Option<int> FrontDoors = WholeNumber.Option("--apis", "Front doors.", 2, MaxProcesses);
    private static readonly Option<int> Every = WholeNumber.Option("--every", "Seconds from one kill to the next.", 10, MaxSeconds);
    private static readonly Option<int> Kills =
        WholeNumber.Option("--kills", "Kills at the least, however soon all is changed.", 3, 100_000);

    private static readonly Option<int> Patience =
        WholeNumber.Option("--patience", "Seconds to go on retrying while nothing is answered.", 300, MaxSeconds);

    private static readonly Option<int> Seed =
        WholeNumber.Option("--seed", "Seed of who is killed, when and how, and of what is looked at.", 1, int.MaxValue);

    public static Command Create(TimeProvider clock)
    {
        var command = new Command(
            "freshness", "Looks for each acknowledged change in a list, on a cluster whose processes are killed meanwhile.")
        {
            Changes, Writers, Witnesses, Silos, FrontDoors, Every, Kills, Patience, Seed,
        };
        command.SetAction((options, cancellationToken) => Terminal.Run(
            async () => await Run(options, clock, cancellationToken) ? ExitCode.Passed : ExitCode.CheckFailed,
            "Stopped before the end; nothing was checked."));
        return command;
    }

    private static async Task<bool> Run(ParseResult options, TimeProvider clock, CancellationToken cancellationToken)
    {
        var console = Terminal.Output();
        var progress = new ReplayProgress(clock);
        var run = new FreshnessRun(Settings(options), clock, progress, line => console.WriteLine(line));
        var report = await new ProgressView(progress, console, clock).Watch(run.Execute(cancellationToken));
        console.Write(ReportView.Checks(report.Checks));
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Changes:N0} changes, {report.Kills.Count} kills. Lists, p50 / p99 / max ms: no-cache "
            + $"{Milliseconds(report.NewestMs)}, at least {Milliseconds(report.AtLeastMs)}. "
            + $"{report.Behind:N0} of the changes were not in a list that was asked for neither way."));
        if (report.HistoryFile is { } path) console.WriteLine($"What was seen: bench check-history {path} --model register");
        console.MarkupLine(report.Ok ? "[green]Every check held.[/]" : "[red]A check FAILED.[/]");
        return report.Ok;
    }

    private static FreshnessSettings Settings(ParseResult options) => new(
        options.GetValue(Silos),
        options.GetValue(FrontDoors),

        // They come in twos.
        options.GetValue(Changes) / 2 * 2,
        options.GetValue(Writers),
        options.GetValue(Witnesses),
        TimeSpan.FromSeconds(options.GetValue(Every)),
        options.GetValue(Kills),
        TimeSpan.FromSeconds(options.GetValue(Patience)),
        options.GetValue(Seed));

    private static string Milliseconds(Latencies latencies) =>
        string.Create(CultureInfo.InvariantCulture, $"{latencies.P50:N0} / {latencies.P99:N0} / {latencies.Max:N0}");
}
