using System.CommandLine;
using System.Globalization;
using Holdfast.Bench.Measuring;
using Holdfast.Bench.Reservations;

namespace Holdfast.Bench.Costs;

/// <summary>
/// <c>bench hot-path</c>, which only <see cref="Instructions"/> runs, under a tool that counts. It warms up, says on standard output that
/// it is ready, and waits for a line; does so many reservations, writes their number of appends, and waits for a line again.
/// </summary>
internal static class HotPathCommand
{
    public const string Name = "hot-path";

    private const int MaxOperations = 1_000_000;
    private const int Clients = 256;

    public static readonly Option<string> Way = new("--way") { Required = true };
    public static readonly Option<int> Operations = WholeNumber.Option("--operations", "Reservations.", 1, MaxOperations);
    public static readonly Option<string> Place = new("--directory") { Required = true };

    public static Command Create(TimeProvider clock)
    {
        var command = new Command(Name, "What lab compare, operation, counts the instructions of.") { Way, Operations, Place };
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
        await way.Prepare(cancellationToken);
        var operations = options.GetValue(Operations);
        await Do(way, operations, firstSeed: 1);
        await Console.Out.WriteLineAsync("ready");
        await Console.In.ReadLineAsync(cancellationToken);

        using var journal = new JournalCounts();
        await Do(way, operations, firstSeed: 1 + Clients);
        await Console.Out.WriteLineAsync(journal.Appends.ToString(CultureInfo.InvariantCulture));
        await Console.In.ReadLineAsync(cancellationToken);
        return ExitCode.Passed;
    }

    private static Task Do(Way way, int operations, int firstSeed)
    {
        var goOn = Effort.Of(operations).Start();
        return Task.WhenAll(Enumerable.Range(0, Clients).Select(index => Task.Run(async () =>
        {
            var client = new Client(index, firstSeed + index);
            while (goOn()) await way.Do(client);
        })));
    }
}
