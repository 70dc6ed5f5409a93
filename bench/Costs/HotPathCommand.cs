using System.CommandLine;
using System.Globalization;
using Holdfast.Bench.Measuring;
using Holdfast.Bench.Reservations;

namespace Holdfast.Bench.Costs;

/// <summary>
/// <c>bench hot-path</c>, which only <see cref="Instructions"/> runs, under a tool that counts: so many reservations, and their number of
/// appends on standard output.
/// </summary>
internal static class HotPathCommand
{
    public const string Name = "hot-path";

    private const int MaxOperations = 1_000_000;
    private const int Clients = 256;
    private const int Seed = 1;
    private const int WarmUp = 2_000;

    public static readonly Option<string> Way = new("--way") { Required = true };
    public static readonly Option<int> Operations = WholeNumber.Option("--operations", "Reservations.", WarmUp, MaxOperations);
    public static readonly Option<string> Place = new("--directory") { Required = true };

    public static Command Create(TimeProvider clock)
    {
        var command = new Command(Name, "What bench compare, operation, counts the instructions of.") { Way, Operations, Place };
        command.Hidden = true;
        command.SetAction((options, cancellationToken) => Execute(options, clock, cancellationToken));
        return command;
    }

    private static async Task<int> Execute(ParseResult options, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var work = new WorkDirectory(options.GetRequiredValue(Place));
        await using var stores = new BenchStores(StoreKind.Sqlite, work, clock);
        await using var silo = await BenchSilo.Start(stores, "data", cancellationToken, await stores.Plain(cancellationToken));
        var way = new ReservationWays(silo.Grains, sql: null, clock.GetUtcNow()).Hot().Single(way => way.Name == options.GetRequiredValue(Way));
        var plan = new Plan(Clients, Rounds: 1, Effort.Of(WarmUp), Effort.Of(options.GetValue(Operations)), Seed);
        var comparison = await new Contest(plan, new(), cancellationToken).Run(Name, way);
        Console.WriteLine(comparison.Standings[0].Rounds[0].Appends.ToString(CultureInfo.InvariantCulture));
        return ExitCode.Passed;
    }
}
