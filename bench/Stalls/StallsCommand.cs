using System.CommandLine;
using System.Globalization;
using Holdfast.Bench.Replay;
using Spectre.Console;

namespace Holdfast.Bench.Stalls;

/// <summary><c>bench stalls</c>: places orders on a cluster while what is under its database stands still, then checks everything.</summary>
internal static class StallsCommand
{
    private const int MaxProcesses = 16;
    private const int MaxSeconds = 3600;
    private const int MaxConcurrency = 4096;
    private const int MaxStalls = 10_000;
    private const int StuckShown = 20;

    private static readonly Option<StallKind[]> Kinds = new("--kind")
    {
        Description = "What stands still: disk, backends (in the middle of an append) or standby (that each commit has to reach, too); of several, one after the other.",
        DefaultValueFactory = static _ => [StallKind.Disk],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int> Orders = WholeNumber.Option("--orders", "Orders in all; the stalls are spread over them.", 50_000, int.MaxValue);
    private static readonly Option<int> Stalls = WholeNumber.Option("--stalls", "Stalls.", 20, MaxStalls);
    private static readonly Option<int> Seconds = WholeNumber.Option("--seconds", "Length of each stall.", 21, MaxSeconds);
    private static readonly Option<int> Silos = WholeNumber.Option("--silos", "Silos.", 1, MaxProcesses);
    private static readonly Option<int> FrontDoors = WholeNumber.Option("--apis", "Front doors.", 1, MaxProcesses);
    private static readonly Option<int> Concurrency = WholeNumber.Option("--concurrency", "Orders in flight at a time.", 24, MaxConcurrency);

    private static readonly Option<int?> CommandSeconds = new("--command-timeout")
    {
        Description = "Seconds for which a process waits for the database; Holdfast's own when left out.",
        CustomParser = static result => WholeNumber.Parse(result, MaxSeconds),
    };

    private static readonly Option<int> Patience =
        WholeNumber.Option("--patience", "Seconds to go on looking at open orders while none of them moves.", 300, MaxSeconds);

    private static readonly Option<int> Seed = WholeNumber.Option("--seed", "Seed of who buys what.", 1, int.MaxValue);
    private static readonly Option<string?> Report = new("--report") { Description = "Write the report to this file, as JSON." };

    public static Command Create(TimeProvider clock)
    {
        var command = new Command("stalls", "Places orders on a cluster whose database stands still now and then, then checks that every order has ended.")
        {
            Kinds, Orders, Stalls, Seconds, Silos, FrontDoors, Concurrency, CommandSeconds, Patience, Seed, Report,
        };
        command.SetAction((options, cancellationToken) => Execute(options, clock, cancellationToken));
        return command;
    }

    private static Task<int> Execute(ParseResult options, TimeProvider clock, CancellationToken cancellationToken) => Terminal.Run(
        async () => (await Run(options, clock, cancellationToken)).Ok ? ExitCode.Passed : ExitCode.CheckFailed,
        "Stopped before the end; nothing was checked.");

    private static async Task<StallsReport> Run(ParseResult options, TimeProvider clock, CancellationToken cancellationToken)
    {
        var console = Terminal.Output();
        var progress = new ReplayProgress(clock);
        var run = new StallsRun(Settings(options), clock, progress, line => console.WriteLine(line));
        var report = await new ProgressView(progress, console, clock).Watch(run.Execute(cancellationToken));
        Show(report, console);
        if (options.GetValue(Report) is { } path)
            await Terminal.WriteFile(path, report.ToJson(), "--report", cancellationToken);
        return report;
    }

    private static StallsSettings Settings(ParseResult options) => new(
        options.GetRequiredValue(Kinds),
        options.GetValue(Silos),
        options.GetValue(FrontDoors),
        options.GetValue(Orders),
        options.GetValue(Stalls),
        TimeSpan.FromSeconds(options.GetValue(Seconds)),
        options.GetValue(CommandSeconds),
        options.GetValue(Seed),
        new ReplaySettings(
            "stalls",
            InitialStock.Plenty,
            options.GetValue(Concurrency),
            TimeSpan.FromSeconds(10),
            TimeSpan.FromSeconds(options.GetValue(Patience)),
            AllMovements: true)
        { LateIsFine = true });

    private static void Show(StallsReport report, IAnsiConsole console)
    {
        ReportView.Show(report.Replay, console);
        console.Write(ReportView.Checks(report.Checks));
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Orders:N0} orders, {report.Stalls} stalls ({string.Join(", ", report.Kinds)}) of {report.StallSeconds:0} s: {report.Stuck.Count} orders stand for ever."));
        foreach (var order in report.Stuck.Take(StuckShown)) console.WriteLine($"  {order}");
        console.MarkupLine(report.Ok ? "[green]Every check held.[/]" : "[red]A check FAILED.[/]");
        if (report.Logs is { } logs) console.WriteLine($"The logs are in {logs}.");
    }
}
