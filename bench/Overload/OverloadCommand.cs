using System.CommandLine;
using System.Globalization;
using Holdfast.Bench.Http;
using Holdfast.Bench.Measuring;
using Holdfast.Journal;
using Holdfast.Journal.Postgres;
using Holdfast.Journal.Sqlite;
using Holdfast.Rig;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Bench.Overload;

/// <summary>
/// <c>bench overload</c>: what a server can carry, for as long as one likes and with as little memory, and what becomes of it under
/// several times that.
/// </summary>
internal static class OverloadCommand
{
    /// <summary>Callers that wait for the end of their order; enough to keep a server of two cores busy.</summary>
    private const int WaitingCallers = 128;

    private const int MaxSeconds = 3_600;
    private const int MaxMegabytes = 1_000_000;

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private static readonly Option<int> Steady =
        WholeNumber.Option("--steady", "Seconds of full load, from callers who wait for their order: what the server can carry.", 10, MaxSeconds);

    private static readonly Option<int> Slice = WholeNumber.Option("--slice", "Seconds of full load between two lines of figures.", 10, MaxSeconds);
    private static readonly Option<int> Seconds = WholeNumber.Option("--seconds", "How long each multiple of it is sent.", 10, MaxSeconds);
    private static readonly Option<int[]> Multiples = WholeNumber.List("--multiples", "How many times of it is sent, one after the other.", [1, 2, 5, 10], 100);
    private static readonly Option<int> Connections = WholeNumber.Option("--connections", "Connections over which multiples are sent.", 1_024, 10_000);
    private static readonly Option<int> Skus = WholeNumber.Option("--products", "Products that the orders are spread over.", 1_000, 1_000_000);
    private static readonly Option<int> Heap = WholeNumber.Option("--heap", "Megabytes that the server's heap may have.", 4_096, MaxMegabytes);

    private static readonly Option<string?> Log = new("--log") { Description = "Write the server's log to this file." };

    private static readonly Option<bool> NoMultiples = new("--steady-only") { Description = "Send no multiples." };

    public static Command Create(TimeProvider clock)
    {
        var command = new Command("overload", "Measures a server under as many orders as it can carry, and under several times that.")
        {
            BenchStores.Option, Steady, Slice, NoMultiples, Seconds, Multiples, Connections, Skus, Heap, Log, WorkDirectory.Option,
        };
        command.SetAction((options, cancellationToken) => Terminal.Run(
            () => Measure(options, clock, cancellationToken), "Stopped before everything was measured."));
        return command;
    }

    private static async Task Measure(ParseResult options, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var work = new WorkDirectory(options.GetRequiredValue(WorkDirectory.Option));
        await using var stores = new BenchStores(options.GetValue(BenchStores.Option), work, clock);
        Console.WriteLine(Machine.Read(work.Path, await stores.Version(cancellationToken), clock));
        var database = stores.Kind == StoreKind.Postgres ? await stores.NewDatabase("data", cancellationToken) : null;
        var progress = new Progress();
        var spells = new List<Spell>();
        await using (var server = await Start(options, work, database, clock, cancellationToken))
        {
            using var shop = await HttpShop.Open(server.Url, Math.Max(WaitingCallers, options.GetValue(Connections)), cancellationToken);
            string[] skus = [.. Enumerable.Range(0, options.GetValue(Skus)).Select(Products.Sku)];
            progress.Say($"{skus.Length} products are made");
            await shop.Create(skus, cancellationToken);
            var load = new OrderLoad(shop, skus, server.Id, clock, progress);
            var carried = await load.Steady(
                WaitingCallers, TimeSpan.FromSeconds(options.GetValue(Steady)), TimeSpan.FromSeconds(options.GetValue(Slice)), cancellationToken);
            if (!options.GetValue(NoMultiples))
            {
                foreach (var multiple in options.GetRequiredValue(Multiples))
                {
                    progress.Say($"{multiple} times {Figures.Text(carried)} orders a second are sent");
                    spells.Add(await load.Send(multiple, carried * multiple, TimeSpan.FromSeconds(options.GetValue(Seconds)), cancellationToken));
                }
            }

            if (server.Exited.IsCompleted) throw new BenchException($"The server ended with exit code {await server.Exited}:\n{server.Output}");
            await server.Terminate();
        }

        if (spells.Count == 0) return;
        progress.Say("the journal is read: what became of each order");
        await using var store = await Open(work, database, clock, cancellationToken);
        Console.WriteLine(Verdict.Header);
        foreach (var spell in spells) Console.WriteLine(await Verdict.Of(spell, store, cancellationToken));
    }

    private static async Task<HoldfastProcess> Start(
        ParseResult options, WorkDirectory work, string? database, TimeProvider clock, CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, string> { ["Holdfast:DataDirectory"] = work.For("data") };
        if (database is not null) settings["ConnectionStrings:Holdfast"] = database;
        try
        {
            var server = HoldfastProcess.Start(
                new("front-door", HoldfastProcess.FrontDoor, new($"http://127.0.0.1:{LoopbackPorts.Next()}"))
                {
                    Settings = settings,
                    Environment = new Dictionary<string, string>
                    {
                        ["DOTNET_GCHeapHardLimit"] = string.Create(CultureInfo.InvariantCulture, $"0x{(long)options.GetValue(Heap) << 20:X}"),
                    },
                    OutputFile = options.GetValue(Log),
                },
                clock);
            await server.WaitUntilReady(StartLimit, cancellationToken);
            return server;
        }
        catch (RigException e)
        {
            throw new BenchException(e.Message, e);
        }
    }

    private static async Task<IJournalStore> Open(WorkDirectory work, string? database, TimeProvider clock, CancellationToken cancellationToken)
    {
        IJournalStore store = database is null
            ? new SqliteJournalStore(new(work.For("data")), clock, NullLogger<SqliteJournalStore>.Instance)
            : new PostgresJournalStore(new Holdfast.Journal.Postgres.PostgresDatabase(database), new(), clock, NullLogger<PostgresJournalStore>.Instance);
        await store.Initialize(cancellationToken);
        return store;
    }
}
