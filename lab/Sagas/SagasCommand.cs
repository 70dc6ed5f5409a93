using System.CommandLine;
using Holdfast.Bench;
using Holdfast.Bench.Compare;
using Holdfast.Bench.Measuring;

namespace Holdfast.Lab.Sagas;

/// <summary><c>lab sagas</c>: the order saga on Holdfast, and on what a team would pick instead.</summary>
internal static class SagasCommand
{
    private const int MaxLines = 100;

    private static readonly Option<string[]> Systems = new("--systems")
    {
        Description = $"Which, with commas between: {string.Join(", ", SagaSystems.All.Select(static kind => kind.Id))}. The first is what the others are compared with.",
        DefaultValueFactory = static _ => [.. SagaSystems.All.Select(static kind => kind.Id)],
        CustomParser = static result => [.. result.Tokens.SelectMany(static token => token.Value.Split(','))],
    };

    private static readonly Option<int[]> Lines =
        WholeNumber.List("--lines", "Lines of an order: one number, or several with commas between.", [1, 5, 21], MaxLines);

    private static readonly Option<int> Products = WholeNumber.Option("--products", "Products that the orders are spread over.", 10_000, 1_000_000);
    private static readonly Option<int> Clients = WholeNumber.Option("--clients", "Callers, each with one order under way; one caller alone is measured, too.", 256, 2_000);
    private static readonly Option<int> Seconds = WholeNumber.Option("--seconds", "How long each number of lines is measured.", 5, 600);
    private static readonly Option<int> Alone = WholeNumber.Option("--alone-seconds", "The same for one caller.", 2, 600);
    private static readonly Option<int> WarmUp = WholeNumber.Option("--warm-up", "Seconds that each process runs before it is measured.", 15, 600);
    private static readonly Option<int> Rounds = WholeNumber.Option("--rounds", "Processes of each system; the figures are their medians.", 5, 100);
    private static readonly Option<int> Seed = WholeNumber.Option("--seed", "Seed of the callers' choices.", 1, 1_000_000_000);
    private static readonly Option<int> KilledOrders = WholeNumber.Option("--killed-orders", "Orders that are under way in a process when it is killed.", 512, 10_000);
    private static readonly Option<int> Patience = WholeNumber.Option("--patience", "Seconds that the next process has to end them.", 30, 600);
    private static readonly Option<int> Kills = new("--kills") { Description = "Processes of each system that are killed.", DefaultValueFactory = static _ => 3 };
    private static readonly Option<bool> Quick = new("--quick") { Description = "One short round and one kill, to see that it works; the figures mean little." };
    private static readonly Option<string?> Json = new("--json") { Description = "Write every round's figures to this file, as JSON." };

    public static Command Create(TimeProvider clock)
    {
        var command = new Command("sagas", "Measures the order saga on Holdfast, Rebus, Wolverine, Akka.NET and others, on a private PostgreSQL.")
        {
            Systems, Lines, Products, Clients, Seconds, Alone, WarmUp, Rounds, Seed, Kills, KilledOrders, Patience, Quick, Json, WorkDirectory.Option,
        };
        command.SetAction((options, cancellationToken) => Execute(options, clock, cancellationToken));
        return command;
    }

    private static Task<int> Execute(ParseResult options, TimeProvider clock, CancellationToken cancellationToken) => Terminal.Run(
        async () =>
        {
            var plan = Plan(options);
            using var work = new WorkDirectory(options.GetRequiredValue(WorkDirectory.Option));
            await using var stores = new BenchStores(StoreKind.Postgres, work, clock);
            var machine = Machine.Read(work.Path, await stores.Version(cancellationToken), clock);
            var section = await SagaSection.Measure(new(options, work, stores, new(), clock), plan, cancellationToken);
            var console = Terminal.Output();
            MeasurementView.Show("lab sagas", machine, console);
            ResultsView.Show(section, console);
            if (options.GetValue(Json) is { } path) await Terminal.WriteFile(path, new Results(machine, [section]).ToJson(), "--json", cancellationToken);
            return section.ExitCode();
        },
        "Stopped; the rounds so far are not counted.");

    private static SagaPlan Plan(ParseResult options)
    {
        var asked = SagaPlan.Full with
        {
            Systems = [.. options.GetRequiredValue(Systems).Select(SagaSystems.Find)],
            Lines = options.GetRequiredValue(Lines),
            Products = options.GetValue(Products),
            Clients = options.GetValue(Clients),
            WarmUp = TimeSpan.FromSeconds(options.GetValue(WarmUp)),
            Busy = TimeSpan.FromSeconds(options.GetValue(Seconds)),
            Alone = TimeSpan.FromSeconds(options.GetValue(Alone)),
            Rounds = options.GetValue(Rounds),
            Kills = options.GetValue(Kills),
            KilledOrders = options.GetValue(KilledOrders),
            Patience = TimeSpan.FromSeconds(options.GetValue(Patience)),
            Seed = options.GetValue(Seed),
        };
        if (!options.GetValue(Quick)) return asked;
        var quick = SagaPlan.Quick;
        return asked with { WarmUp = quick.WarmUp, Busy = quick.Busy, Alone = quick.Alone, Rounds = quick.Rounds, Kills = Math.Min(quick.Kills, asked.Kills) };
    }
}
