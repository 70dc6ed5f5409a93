using System.CommandLine;
using Holdfast.Bench.Replay;
using Spectre.Console;

namespace Holdfast.Bench.Chaos;

/// <summary><c>bench chaos</c>: sells real invoices through a cluster whose processes are killed meanwhile, then checks everything.</summary>
internal static class ChaosCommand
{
    private const int MaxProcesses = 16;
    private const int MaxSeconds = 3600;
    private const int MaxConcurrency = 4096;
    private const int MaxKills = 100_000;

    private static readonly Option<string> InvoicesPath = new("--invoices") { Description = "The CSV file of invoices.", Required = true };

    private static readonly Option<int?> Limit = new("--limit")
    {
        Description = "Only the earliest so many invoices.",
        CustomParser = static result => WholeNumber.Parse(result, int.MaxValue),
    };

    private static readonly Option<int> Silos = WholeNumber.Option("--silos", "Silos.", 3, MaxProcesses);
    private static readonly Option<int> FrontDoors = WholeNumber.Option("--apis", "Front doors.", 2, MaxProcesses);
    private static readonly Option<int> Every = WholeNumber.Option("--every", "Seconds from one kill to the next.", 10, MaxSeconds);
    private static readonly Option<int> Kills = WholeNumber.Option("--kills", "Kills at the least, however soon the invoices are through.", 3, MaxKills);
    private static readonly Option<int> Concurrency = WholeNumber.Option("--concurrency", "Invoices in flight at a time.", 64, MaxConcurrency);

    private static readonly Option<int> Patience =
        WholeNumber.Option("--patience", "Seconds to go on retrying while nothing is answered.", 300, MaxSeconds);

    private static readonly Option<int> Seed = WholeNumber.Option("--seed", "Seed of who is killed, when and how.", 1, int.MaxValue);

    private static readonly Option<bool> Disturb = new("--disturb")
    {
        Description = "Commits are made late, too: paused in their middle, or held back by transactions of others.",
    };

    private static readonly Option<string?> Report = new("--report") { Description = "Write the report to this file, as JSON." };

    public static Command Create(TimeProvider clock)
    {
        var command = new Command("chaos", "Places real invoices as orders on a cluster whose processes are killed meanwhile, then checks everything.")
        {
            InvoicesPath, Limit, Silos, FrontDoors, Every, Kills, Concurrency, Patience, Seed, Disturb, Report,
        };
        command.SetAction((options, cancellationToken) => Execute(options, clock, cancellationToken));
        return command;
    }

    private static Task<int> Execute(ParseResult options, TimeProvider clock, CancellationToken cancellationToken) => Terminal.Run(
        async () => (await Run(options, clock, cancellationToken)).Ok ? ExitCode.Passed : ExitCode.CheckFailed,
        "Stopped before the end; nothing was checked.");

    private static async Task<ChaosReport> Run(ParseResult options, TimeProvider clock, CancellationToken cancellationToken)
    {
        var invoices = Invoices.ReadFile(options.GetRequiredValue(InvoicesPath), options.GetValue(Limit));
        var console = Terminal.Output();
        var progress = new ReplayProgress(clock);
        var run = new ChaosRun(Settings(options), invoices, clock, progress, line => console.WriteLine(line));
        var report = await new ProgressView(progress, console, clock).Watch(run.Execute(cancellationToken));
        ChaosView.Show(report, console);
        if (options.GetValue(Report) is { } path)
            await Terminal.WriteFile(path, report.ToJson(), "--report", cancellationToken);
        return report;
    }

    private static ChaosSettings Settings(ParseResult options) => new(
        options.GetValue(Silos),
        options.GetValue(FrontDoors),
        TimeSpan.FromSeconds(options.GetValue(Every)),
        options.GetValue(Kills),
        options.GetValue(Seed),
        options.GetValue(Disturb),
        new ReplaySettings(
            "chaos",
            InitialStock.Plenty,
            options.GetValue(Concurrency),
            TimeSpan.FromSeconds(10),
            TimeSpan.FromSeconds(options.GetValue(Patience)),
            AllMovements: true)
        { LateIsFine = true });
}
