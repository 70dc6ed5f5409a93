using Holdfast.Bench.Compare;
using Holdfast.Bench.Measuring;
using Holdfast.Bench.Orders;
using Holdfast.Bench.Reservations;

namespace Holdfast.Bench.Costs;

/// <summary>What one operation takes of everything that there is a limited amount of.</summary>
internal static class CostSection
{
    public const string Id = "operation";

    private const string Hot = "A reservation of one product";
    private const string NotCounted = "not counted";

    private const int Reservations = 20_000;

    /// <summary>Where each is a commit of its own.</summary>
    private const int SlowReservations = 2_000;

    private static readonly TimeSpan RowsRound = TimeSpan.FromSeconds(2);

    private static readonly string[] Unfair =
    [
        "Allocated bytes are those of this process: callers, grains and Npgsql. What PostgreSQL allocates for a statement is not among "
        + "them, and it does more of that for the SQL ways.",
        "Round trips, rows and the write-ahead log include what a silo writes by itself (signs of life, snapshots). Round trips of "
        + "statements are counted where Npgsql sends them.",
        "Against Holdfast: its row of the journal, shared by all that were decided together, holds the whole event of each; the SQL ways "
        + "keep a row of four columns, and the plain grain nothing but its newest numbers.",
        "Instructions are those of a whole warm process on SQLite, callers included and the kernel left out, counted by callgrind where "
        + "Valgrind is installed. What waiting threads spin is among them. Under that tool the disk is fast and everything else slow, so "
        + "fewer reservations share a row of the journal than otherwise.",
    ];

    /// <param name="countRows">Takes quarter of a minute for each way.</param>
    public static async Task<Section> Measure(MeasuringRun run, Plan plan, int products, bool countRows, CancellationToken cancellationToken)
    {
        var popularity = Popularity.Even(products);
        await using var silo = await BenchSilo.Start(run.Stores, "data", cancellationToken, await run.Stores.Plain(cancellationToken));
        await using var sql = await ReservationSection.StartSql(run, products, cancellationToken);
        var ways = new ReservationWays(silo.Grains, sql, run.Clock.GetUtcNow());
        run.Progress.Say($"{products} products of each way are made");
        await ways.Create(products, cancellationToken);
        var placing = new Placing(silo.Grains, products, lines: 1);
        var server = await run.Stores.NewDatabase("probe", cancellationToken);
        List<(string Title, Way[] Ways)> contests =
        [
            (Hot, [.. ways.Hot().Where(Stores)]),
            ($"A reservation of {popularity.Name}", [.. ways.Of(popularity).Where(Stores)]),
            ("An order of 1 line", [new(ReservationWays.Holdfast, placing.PlaceAndWait), new(ReservationWays.PlainGrain, placing.PlacePlain)]),
        ];
        var (comparisons, tables) = (new List<Comparison>(), new List<Table>());
        foreach (var (title, contestants) in contests)
        {
            var costs = await Run(plan, title, contestants, server, waitForRows: false, run, cancellationToken);
            var once = plan with { Rounds = 1, WarmUps = 0, Round = Effort.For(RowsRound) };
            var rows = countRows ? await Run(once, title, contestants, server, waitForRows: true, run, cancellationToken) : costs;
            comparisons.Add(costs);
            tables.Add(ToTable(costs, rows));
        }

        tables.Add(await CountInstructions(run, cancellationToken));
        return new(
            Id,
            "What one operation takes",
            "Medians per operation. A round trip is one send to PostgreSQL that is waited for; rows are inserted, updated and deleted ones. "
            + "An order is placed and waited for until it is completed: reserved, charged, sold.",
            Unfair,
            comparisons,
            tables);

        static bool Stores(Way way) => way.Name != ReservationWays.InMemory;
    }

    private static async Task<Comparison> Run(
        Plan plan, string title, Way[] ways, string server, bool waitForRows, MeasuringRun run, CancellationToken cancellationToken)
    {
        await using var probe = new PostgresProbe(server, waitForRows, run.Clock);
        return await new Contest(plan, run.Progress, cancellationToken) { Probe = probe }.Run(title, ways);
    }

    private static Table ToTable(Comparison costs, Comparison rows)
    {
        return new(
            $"{costs.Title}: each takes",
            ["", "allocated bytes", "round trips", "transactions", "rows", "bytes of WAL"],
            [.. costs.Standings.Zip(rows.Standings, Row)]);

        static IReadOnlyList<string> Row(Standing cost, Standing rows) =>
        [
            cost.Way,
            Figures.Text(cost.BytesPerOperation),
            Each(cost, static work => work.RoundTrips),
            Each(cost, static work => work.Transactions),
            rows.Rounds[0].Database!.Rows is null ? NotCounted : Each(rows, static work => work.Rows ?? 0),
            Each(cost, static work => work.WalBytes),
        ];

        static string Each(Standing standing, Func<DatabaseWork, long> part) =>
            Figures.Text(Medians.Of(standing.Rounds.Select(round => (double)part(round.Database!) / round.Operations)));
    }

    private static async Task<Table> CountInstructions(MeasuringRun run, CancellationToken cancellationToken)
    {
        (string Way, int Operations)[] counted =
            [(ReservationWays.Holdfast, Reservations), (ReservationWays.PlainGrain, SlowReservations), (ReservationWays.InMemory, Reservations)];
        var rows = new List<string[]>();
        foreach (var (way, operations) in counted) rows.Add([way, .. await CountInstructions(way, operations, run, cancellationToken)]);
        return new($"{Hot}, on SQLite: instructions", ["", "instructions", "rows of the journal"], rows);
    }

    /// <summary>What can be counted only with a tool that is not on every machine must not cost what has been counted without.</summary>
    private static async Task<string[]> CountInstructions(string way, int operations, MeasuringRun run, CancellationToken cancellationToken)
    {
        try
        {
            run.Progress.Say($"instructions: {way}");
            var count = await Instructions.Count(way, operations, run, cancellationToken);
            return [Figures.Text(count.Each), Figures.Text(count.AppendsEach)];
        }
        catch (BenchException e)
        {
            run.Progress.Say(e.Message);
            return [NotCounted, ""];
        }
    }
}
