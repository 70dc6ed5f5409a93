using Holdfast.Bench.Compare;
using Holdfast.Bench.Measuring;
using Holdfast.Bench.Sql;
using Holdfast.Contracts;

namespace Holdfast.Bench.Reservations;

/// <summary>Durable reservations a second, in process: of one product, and of many that are more or less popular.</summary>
internal static class ReservationSection
{
    public const string Id = "reservations";

    private const string Hot = "Reservations of one product";
    private const string OnPostgres = "Holdfast on PostgreSQL";
    private const string OnSqlite = "Holdfast on SQLite";

    private static readonly string[] Unfair =
    [
        "Against Holdfast: no other way recognises a request that comes twice; Holdfast keeps a receipt of each and answers it again.",
        "Against Holdfast: the SQL ways and the plain grain overwrite their numbers; Holdfast keeps every event as the product's ledger.",
        "Against Holdfast: the plain grain and the grain in memory keep two numbers and no reservation that could be given back.",
        "In Holdfast's favour: each SQL call commits alone, as a request handler does. Code that collects callers and commits for all of "
        + "them would be faster; it would be doing what Holdfast does.",
        "In Holdfast's favour: its products are in memory when the clock starts. What loading one costs is in the chapter on growth.",
        "In Holdfast's favour: with several silos, a call goes over the network to the silo that has the product. Here there is one.",
        "In Holdfast's favour: each round has a new hot product, and the SQL ways go on with the one row and the growing table of reservations.",
        "The optimistic way tries again at once and until it succeeds; one that waits a little between its tries, and gives up, retries less.",
        "The grain in memory stores nothing: it is the ceiling of grain calls on this machine, not an alternative.",
    ];

    public static async Task<Section> Measure(
        MeasuringRun run, Plan plan, IReadOnlyList<Popularity> popularities, CancellationToken cancellationToken)
    {
        var products = popularities.Max(static popularity => popularity.Products);
        await using var silo = await BenchSilo.Start(run.Stores, "data", cancellationToken, await run.Stores.Plain(cancellationToken));
        await using var sql = await StartSql(run, products, cancellationToken);
        var ways = new ReservationWays(silo.Grains, sql, run.Clock.GetUtcNow());
        var contest = new Contest(plan, run.Progress, cancellationToken);
        var comparisons = new List<Comparison> { await contest.Run(Hot, ways.Hot()) };

        run.Progress.Say($"{products} products of each way are made");
        await ways.Create(products, cancellationToken);
        foreach (var popularity in popularities) comparisons.Add(await contest.Run(TitleOf(popularity), ways.Of(popularity)));
        if (sql is not null) comparisons.AddRange(await CompareStores(run, contest, ways, popularities[0], cancellationToken));
        return new(
            Id,
            "Reservations, in process",
            "One operation reserves one unit of a product for one buyer: it looks whether the unit is there, and when it returns, the "
            + "reservation is on disk (fsync). The callers live in the same process; each has one call in flight.",
            Unfair,
            comparisons,
            [])
        {
            Targets = sql is null ? [] : Targets(popularities[0]),
        };
    }

    /// <summary>Null on SQLite.</summary>
    public static async Task<SqlStock?> StartSql(MeasuringRun run, int products, CancellationToken cancellationToken)
    {
        if (run.Stores.Kind != StoreKind.Postgres) return null;
        var sql = new SqlStock(await run.Stores.NewDatabase("textbook", cancellationToken));
        await sql.Create(products, Limits.Quantity, cancellationToken);
        return sql;
    }

    private static async Task<IEnumerable<Comparison>> CompareStores(
        MeasuringRun run, Contest contest, ReservationWays onPostgres, Popularity popularity, CancellationToken cancellationToken)
    {
        await using var files = new BenchStores(StoreKind.Sqlite, run.Work, run.Clock);
        await using var silo = await BenchSilo.Start(files, "sqlite", cancellationToken);
        var onSqlite = new ReservationWays(silo.Grains, sql: null, run.Clock.GetUtcNow());
        run.Progress.Say($"{popularity.Products} products are made on SQLite");
        await Products.Create(silo.Grains, popularity.Products, cancellationToken);
        return
        [
            await contest.Run(StoresTitle(Hot), onPostgres.HotHoldfast(OnPostgres), onSqlite.HotHoldfast(OnSqlite)),
            await contest.Run(
                StoresTitle(TitleOf(popularity)), onPostgres.HoldfastOf(OnPostgres, Sku), onSqlite.HoldfastOf(OnSqlite, Sku)),
        ];

        string Sku(Client client) => Products.Sku(client.Pick(popularity));
    }

    private static Target[] Targets(Popularity many) =>
    [
        new("one product, Holdfast against SELECT .. FOR UPDATE", Hot, ReservationWays.Holdfast, ReservationWays.Locked, 100),
        new("one product, Holdfast against one atomic statement", Hot, ReservationWays.Holdfast, ReservationWays.OneStatement, 45),
        new($"{many.Name}, Holdfast against one atomic statement", TitleOf(many), ReservationWays.Holdfast, ReservationWays.OneStatement, 4),
        new("one product, PostgreSQL against SQLite", StoresTitle(Hot), OnPostgres, OnSqlite, 2, AtMost: true),
        new($"{many.Name}, PostgreSQL against SQLite", StoresTitle(TitleOf(many)), OnPostgres, OnSqlite, 2, AtMost: true),
    ];

    private static string TitleOf(Popularity popularity) => $"Reservations of {popularity.Name}";

    private static string StoresTitle(string title) => $"{title}, on the two stores";
}
