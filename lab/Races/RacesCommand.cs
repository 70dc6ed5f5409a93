using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Bench;
using Holdfast.Bench.Measuring;
using Holdfast.Lab.Races.Counter;
using Holdfast.Lab.Races.Events;
using Holdfast.Lab.Races.LastItems;
using Holdfast.Lab.Races.Profile;
using Holdfast.Lab.Races.Report;

namespace Holdfast.Lab.Races;

/// <summary><c>lab races</c>: how changes get lost when many make them at once, and what each way of keeping them costs.</summary>
internal static class RacesCommand
{
    private const int MaxClients = 1_000;
    private const int MaxSeconds = 60;

    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan QuickTime = TimeSpan.FromMilliseconds(60);
    private static readonly int[] AllClients = [1, 4, 16, 64, 256];
    private static readonly int[] QuickClients = [1, 16, 64];

    private static readonly Option<bool> Quick = new("--quick") { Description = "Fewer numbers of clients, 64 at most, and shorter races: less than a minute in all." };
    private static readonly Option<string> ReportFile = new("--report")
    {
        Description = "Where the report goes: one HTML file that needs nothing else.",
        DefaultValueFactory = static _ => "races.html",
    };

    private static readonly Option<string?> Json = new("--json") { Description = "Write all figures to this file, as JSON." };
    private static readonly Option<FileInfo?> Page = new("--page")
    {
        Description = "Put the figures into this page in Markdown, between the two lines that say where.",
    };

    private static readonly Option<int> Seconds = WholeNumber.Option("--seconds", "How long each race takes.", 2, MaxSeconds);
    private static readonly Option<int> Seed = WholeNumber.Option("--seed", "Seed of the clients' choices and of the disorder of events.", 1, 1_000_000_000);
    private static readonly Option<int[]> Clients =
        WholeNumber.List("--clients", "Numbers of clients that race at once, with commas between.", AllClients, MaxClients);

    public static Command Create(TimeProvider clock)
    {
        var command = new Command("races", "Races the ways of changing shared data against each other, and counts what each of them loses.")
        {
            Quick, ReportFile, Json, Page, Seconds, Clients, Seed, WorkDirectory.Option,
        };
        command.SetAction((parsed, cancellationToken) => Execute(parsed, clock, cancellationToken));
        return command;
    }

    public static IReadOnlyList<IScenario> Scenarios(int seed) =>
        [new LastItemsScenario(), new ProfileScenario(), new CounterScenario(), new EventsScenario(seed)];

    private static Task<int> Execute(ParseResult options, TimeProvider clock, CancellationToken cancellationToken) => Terminal.Run(
        async () =>
        {
            if (RaceLab.WhyUnavailable is { } reason)
                throw new BenchException($"The races need PostgreSQL and Redis (Debian's packages postgresql and redis-server). {reason}.");
            var page = await ReadPage(options.GetValue(Page), cancellationToken);
            using var work = new WorkDirectory(options.GetRequiredValue(WorkDirectory.Option));
            await using var stores = new BenchStores(StoreKind.Postgres, work, clock);
            var results = await Run(stores, work.Path, Plan(options), clock, cancellationToken);
            RacesView.Show(results, Terminal.Output());
            var report = options.GetRequiredValue(ReportFile);
            await Terminal.WriteFile(report, RacesReport.Write(results), ReportFile.Name, cancellationToken);
            if (options.GetValue(Json) is { } path)
                await Terminal.WriteFile(path, JsonSerializer.Serialize(results, RacesJson.Default.RaceResults), Json.Name, cancellationToken);
            if (page is not null)
                await Terminal.WriteFile(options.GetValue(Page)!.FullName, RacesTable.Into(page, results), Page.Name, cancellationToken);
            await Console.Out.WriteLineAsync($"The report: {Path.GetFullPath(report)}");
            return results.AsExpected ? ExitCode.Passed : ExitCode.CheckFailed;
        },
        "Stopped; there is no report.");

    /// <summary>Before the races, which take their time.</summary>
    private static async Task<string?> ReadPage(FileInfo? file, CancellationToken cancellationToken)
    {
        if (file is null) return null;
        if (!file.Exists) throw new BenchException($"There is no page {file.FullName} to put the figures into.");
        var page = await File.ReadAllTextAsync(file.FullName, cancellationToken);
        RacesTable.CheckPlace(page);
        return page;
    }

    private static async Task<RaceResults> Run(
        BenchStores stores, string directory, RacePlan plan, TimeProvider clock, CancellationToken cancellationToken)
    {
        var progress = new Progress();
        progress.Say("PostgreSQL, Redis and a silo are started");
        var machine = Machine.Read(directory, await stores.Version(cancellationToken), clock);
        await using var lab = await RaceLab.Open(stores, directory, clock, cancellationToken);
        var strategies = lab.Strategies();
        foreach (var strategy in strategies) await strategy.Create(cancellationToken);
        var results = new List<ScenarioResult>();
        foreach (var scenario in Scenarios(plan.Seed))
        {
            var race = new Race(scenario, plan, lab.Stall, cancellationToken);
            var standings = new List<RaceStanding>();
            foreach (var strategy in strategies.Where(scenario.Suits))
            {
                progress.Say($"{scenario.Text.Title}: {strategy.About.Name}");
                standings.Add(await race.Run(strategy));
            }

            results.Add(new(scenario.Text, standings));
        }

        return new(machine, lab.RedisVersion, plan, results);
    }

    private static RacePlan Plan(ParseResult options)
    {
        var (quick, seed) = (options.GetValue(Quick), options.GetValue(Seed));
        var clients = options.GetResult(Clients) is { Implicit: false } || !quick ? options.GetRequiredValue(Clients) : QuickClients;
        var time = options.GetResult(Seconds) is { Implicit: false } || !quick ? TimeSpan.FromSeconds(options.GetValue(Seconds)) : QuickTime;
        return new([.. clients.Distinct().Order()], time, quick ? TimeSpan.Zero : WarmUp, seed);
    }
}

/// <summary>What one run found; the form of <c>--json</c>.</summary>
internal sealed record RaceResults(Machine Machine, string Redis, RacePlan Plan, IReadOnlyList<ScenarioResult> Scenarios)
{
    /// <summary>
    /// Those that are meant to keep everything did. That the others lose is shown by the figures: with one client alone, or on a day
    /// without luck, they need not.
    /// </summary>
    public bool AsExpected => Scenarios.SelectMany(static scenario => scenario.Standings).All(static standing => standing.Correct || standing.About.Loses);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(RaceResults))]
internal sealed partial class RacesJson : JsonSerializerContext;
