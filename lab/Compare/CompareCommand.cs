using System.CommandLine;
using Holdfast.Bench;
using Holdfast.Bench.Compare;
using Holdfast.Bench.Costs;
using Holdfast.Bench.Growth;
using Holdfast.Bench.Http;
using Holdfast.Bench.Measuring;
using Holdfast.Bench.Reservations;
using Holdfast.Lab.Sagas;

namespace Holdfast.Lab.Compare;

/// <summary>What a section may want to know beside the run itself.</summary>
/// <param name="Invoices">A file of them; null when none was given.</param>
/// <param name="Quick">Sizes that show that everything works, and nothing else.</param>
internal sealed record Comparing(MeasuringRun Run, Plan Plan, string? Invoices, bool Quick)
{
    public int Products => Quick ? 100 : 10_000;

    /// <exception cref="BenchException">The file of invoices is missing or is not one.</exception>
    public IReadOnlyList<Popularity> Popularities => ReservationsCommand.Popularities(Products, Invoices);
}

/// <summary><c>lab compare</c>: everything that is claimed of Holdfast's speed, beside other ways of doing the same, section by section.</summary>
internal static class CompareCommand
{
    private static readonly (string Name, Func<Comparing, CancellationToken, Task<Section>> Measure)[] Known =
    [
        (ReservationSection.Id, static (with, cancellationToken) => ReservationSection.Measure(with.Run, with.Plan, with.Popularities, cancellationToken)),
        (HttpSection.Id, static (with, cancellationToken) => HttpSection.Measure(with.Run, with.Plan, with.Popularities, cancellationToken)),
        (GrowthSection.Id, static (with, cancellationToken) => GrowthSection.Measure(
            with.Run, with.Plan, with.Quick ? GrowthSizes.Quick : GrowthSizes.Full, cancellationToken)),
        (CostSection.Id, static (with, cancellationToken) => CostSection.Measure(
            with.Run, with.Plan, with.Products, countRows: !with.Quick, cancellationToken)),
        (SagaSection.Id, static (with, cancellationToken) => SagaSection.Measure(
            with.Run, with.Quick ? SagaPlan.Quick : SagaPlan.Full with { Rounds = with.Plan.Rounds }, cancellationToken)),
    ];

    private static readonly Option<string[]> Sections = new("--sections")
    {
        Description = $"What to measure: {string.Join(", ", Known.Select(static known => known.Name))}; everything when left out.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = static _ => [.. Known.Select(static known => known.Name)],
        CustomParser = static result =>
        {
            var names = result.Tokens.SelectMany(static token => token.Value.Split(',')).ToArray();
            if (names.FirstOrDefault(static name => Known.All(known => known.Name != name)) is { } unknown)
                result.AddError($"--sections: there is no '{unknown}'.");
            return names;
        },
    };

    private static readonly PlanOptions Plans = new(seconds: 5, ReservationsCommand.MaxSeconds, rounds: 5, warmUp: 15);

    private static readonly Option<string?> Invoices = new("--invoices")
    {
        Description = "A CSV file of invoices, as bench replay reads them; without it, what needs real popularity is left out.",
    };

    private static readonly Option<bool> Quick = new("--quick")
    {
        Description = "One short round and small sizes: whether everything works. The figures mean nothing.",
    };

    private static readonly Option<string?> Json = new("--json") { Description = "Write every round's figures to this file, after each section." };

    public static Command Create(TimeProvider clock)
    {
        var command = new Command("compare", "Measures Holdfast on a private PostgreSQL beside other ways of doing the same.")
        {
            Sections, Invoices, Quick, Json, WorkDirectory.Option,
        };
        foreach (var option in Plans.All) command.Add(option);
        command.Add(PageCommand.Create());
        command.SetAction((options, cancellationToken) => Execute(options, clock, cancellationToken));
        return command;
    }

    private static Task<int> Execute(ParseResult options, TimeProvider clock, CancellationToken cancellationToken) => Terminal.Run(
        async () =>
        {
            var results = await Compare(options, clock, cancellationToken);
            return results.Sections.Max(static section => section.ExitCode());
        },
        "Stopped; the section that ran is not counted.");

    private static async Task<Results> Compare(ParseResult options, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (progress, console) = (new Progress(), Terminal.Output());
        var machine = await OnStores(options, clock, progress, ReadMachine, cancellationToken);
        MeasurementView.Show("lab compare", machine, console);
        var results = new Results(machine, []);
        foreach (var name in options.GetRequiredValue(Sections).Distinct())
        {
            var measure = Known.Single(known => known.Name == name).Measure;
            var section = await OnStores(options, clock, progress, (run, token) => measure(With(run), token), cancellationToken);
            ResultsView.Show(section, console);
            results = results with { Sections = [.. results.Sections, section] };
            if (options.GetValue(Json) is { } path) await Terminal.WriteFile(path, results.ToJson(), "--json", cancellationToken);
        }

        return results;
    }

    /// <summary>Each section has a PostgreSQL of its own: none runs beside what an earlier one left to be vacuumed.</summary>
    private static async Task<T> OnStores<T>(
        ParseResult options, TimeProvider clock, Progress progress, Func<MeasuringRun, CancellationToken, Task<T>> measure, CancellationToken cancellationToken)
    {
        using var work = new WorkDirectory(options.GetRequiredValue(WorkDirectory.Option));
        await using var stores = new BenchStores(StoreKind.Postgres, work, clock);
        return await measure(new(options, work, stores, progress, clock), cancellationToken);
    }

    private static async Task<Machine> ReadMachine(MeasuringRun run, CancellationToken cancellationToken) =>
        Machine.Read(run.Work.Path, await run.Stores.Version(cancellationToken), run.Clock);

    private static Comparing With(MeasuringRun run)
    {
        var (plan, quick) = (Plans.Read(run.Options), run.Options.GetValue(Quick));
        var second = Effort.For(TimeSpan.FromSeconds(1));
        return new(run, quick ? plan with { Rounds = 1, Round = second, WarmUp = second, WarmUps = 1 } : plan, run.Options.GetValue(Invoices), quick);
    }
}
