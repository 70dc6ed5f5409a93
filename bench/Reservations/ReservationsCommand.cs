using System.CommandLine;
using Holdfast.Bench.Measuring;
using Holdfast.Bench.Plain;
using Holdfast.Bench.Sql;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Bench.Reservations;

/// <summary><c>bench reservations</c>: durable reservations a second, of one product and of many, against plain grains.</summary>
internal static class ReservationsCommand
{
    /// <summary>A product holds two million open reservations at most; a round must not come near.</summary>
    private const int MaxSeconds = 8;

    private static readonly PlanOptions Plans = new(seconds: 5, MaxSeconds, rounds: 3, warmUp: 3);
    private static readonly Option<int> Skus = WholeNumber.Option("--products", "Products, where reservations are of many.", 10_000, 1_000_000);

    public static Command Create(TimeProvider clock) => MeasuringCommand.Create(
        "reservations",
        "Measures durable reservations a second, in process, against plain Orleans grains.",
        clock,
        Measure,
        [Skus, .. Plans.All]);

    private static async Task<IReadOnlyList<Comparison>> Measure(MeasuringRun run, CancellationToken cancellationToken)
    {
        var products = run.Options.GetValue(Skus);
        await using var silo = await BenchSilo.Start(
            run.Stores, "data", cancellationToken, await run.Stores.Plain(cancellationToken));
        await using var sql = await StartSql(run, products, cancellationToken);
        var grains = silo.Grains;

        // Long before and after any moment of the run: what is measured is the holding, not the expiring.
        var deadline = run.Clock.GetUtcNow() + Limits.ReservationTtl;
        var contest = new Contest(Plans.Read(run.Options), run.Progress, cancellationToken);
        var hot = await contest.Run(
            "Reservations of one product",
            [
                HotHoldfast(grains, deadline),
                HotPlain<IStoredStock>("plain grain, AdoNet storage", grains, deadline),
                HotPlain<IMemoryStock>("grain in memory, stored nowhere", grains, deadline),
                .. SqlWays(sql, static _ => "HOT", deadline),
            ]);

        run.Progress.Say($"{products} products of each way are made");
        await Products.Create(grains, products, cancellationToken);
        await Products.CreatePlain<IStoredStock>(grains, products, cancellationToken);
        await Products.CreatePlain<IMemoryStock>(grains, products, cancellationToken);
        var many = await contest.Run(
            $"Reservations of {products} products",
            [
                new Way("Holdfast", client => Reserve(grains.GetGrain<IProductInventory>(Products.Sku(client.Pick(products))), client, deadline)),
                ManyPlain<IStoredStock>("plain grain, AdoNet storage", grains, products, deadline),
                ManyPlain<IMemoryStock>("grain in memory, stored nowhere", grains, products, deadline),
                .. SqlWays(sql, client => Products.Sku(client.Pick(products)), deadline),
            ]);
        return [hot, many];
    }

    /// <summary>Null on SQLite, whose one writer has nobody to lock out.</summary>
    private static async Task<SqlStock?> StartSql(MeasuringRun run, int products, CancellationToken cancellationToken)
    {
        if (run.Stores.Kind != StoreKind.Postgres) return null;
        var sql = new SqlStock(await run.Stores.NewDatabase("textbook", cancellationToken));
        await sql.Create(products, Limits.Quantity, cancellationToken);
        return sql;
    }

    private static IEnumerable<Way> SqlWays(SqlStock? sql, Func<Client, string> sku, DateTimeOffset deadline)
    {
        if (sql is null) return [];
        return
        [
            SqlWay("SQL, SELECT .. FOR UPDATE", sql.ReserveLocked),
            SqlWay("SQL, optimistic version", sql.ReserveOptimistically),
            SqlWay("SQL, one statement", sql.ReserveInOneStatement),
        ];

        Way SqlWay(string name, Func<string, Guid, DateTimeOffset, ValueTask<bool>> reserve) => new(name, async client =>
        {
            if (!await reserve(sku(client), client.NextId(), deadline)) throw new BenchException($"{name} refused a reservation: the figures would mean nothing.");
        });
    }

    /// <summary>Each round has a product of its own: none starts with what an earlier one left open.</summary>
    private static Way HotHoldfast(IGrainFactory grains, DateTimeOffset deadline)
    {
        var (round, product) = (0, (IProductInventory?)null);
        return new("Holdfast", client => Reserve(product!, client, deadline))
        {
            Prepare = async _ =>
            {
                var sku = $"HOT-{++round}";
                await Products.Create(grains, sku);
                product = grains.GetGrain<IProductInventory>(sku);
            },
        };
    }

    private static Way HotPlain<T>(string name, IGrainFactory grains, DateTimeOffset deadline)
        where T : IPlainStock
    {
        var product = grains.GetGrain<T>("HOT");
        return new(name, client => Reserve(product, client, deadline)) { Prepare = _ => product.Open(Limits.Quantity).AsTask() };
    }

    private static Way ManyPlain<T>(string name, IGrainFactory grains, int products, DateTimeOffset deadline)
        where T : IPlainStock =>
        new(name, client => Reserve(grains.GetGrain<T>(Products.Sku(client.Pick(products))), client, deadline));

    private static async ValueTask Reserve(IProductInventory product, Client client, DateTimeOffset deadline) =>
        Check(await product.Reserve(new(client.NextOperation(), 1, Limits.DefaultReservationTtl, deadline)));

    private static async ValueTask Reserve(IPlainStock product, Client client, DateTimeOffset deadline) =>
        Check(await product.Reserve(new(client.NextOperation(), 1, Limits.DefaultReservationTtl, deadline)));

    private static void Check(ReserveOutcome outcome)
    {
        if (outcome is { Status: ReserveStatus.Reserved, Replayed: false }) return;
        throw new BenchException($"A reservation was answered {outcome}: the figures would mean nothing.");
    }
}
