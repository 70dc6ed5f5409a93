using System.Globalization;
using Holdfast.Bench.Measuring;
using Holdfast.Bench.Reservations;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Inventory;
using Holdfast.Journal;

namespace Holdfast.Bench.Growth;

/// <summary>Does a reservation cost more, or a load, in a store with many products? Each size is a store of its own.</summary>
internal static class ManyProducts
{
    public const string OneTitle = "Reservations of one product, beside others";
    public const string SomeTitle = "Reservations of 1,000 products, out of more";
    public const string LoadTitle = "Loading a product, out of many";

    private const int Some = 1_000;
    private const int LoadsPerRound = 50;

    public static async Task<IReadOnlyList<Comparison>> Compare(
        IReadOnlyList<(int Size, BenchSilo Silo)> stores, Plan plan, MeasuringRun run, CancellationToken cancellationToken)
    {
        foreach (var (size, silo) in stores) await Fill(silo, size, run, cancellationToken);
        var contest = new Contest(plan, run.Progress, cancellationToken);
        var one = await contest.Run(OneTitle, [.. stores.Select(store => Ways(store.Silo, run).HotHoldfast(NameOf(store.Size)))]);
        var large = stores.Where(static store => store.Size >= Some).ToArray();
        var loading = plan with { Clients = 1, WarmUp = Effort.Of(LoadsPerRound), WarmUps = 1, Round = Effort.Of(LoadsPerRound) };
        var loads = await new Contest(loading, run.Progress, cancellationToken).Run(LoadTitle, [.. large.Select(static store => Loading(store.Size, store.Silo))]);
        var some = await contest.Run(SomeTitle, [.. large.Select(store => Reserving(store.Size, store.Silo, run))]);
        return [one, some, loads];
    }

    public static string NameOf(int products) => string.Create(CultureInfo.InvariantCulture, $"{products:N0} product{(products == 1 ? "" : "s")}");

    private static ReservationWays Ways(BenchSilo silo, MeasuringRun run) => new(silo.Grains, sql: null, run.Clock.GetUtcNow());

    private static async Task Fill(BenchSilo silo, int products, MeasuringRun run, CancellationToken cancellationToken)
    {
        run.Progress.Say($"a store of {NameOf(products)} is made");
        var (store, at) = (silo.Service<IJournalStore>(), run.Clock.GetUtcNow() - JournalFill.Age);
        foreach (var batch in Enumerable.Range(0, products).Chunk(JournalFill.BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await JournalFill.Commit(store, Array.ConvertAll(batch, number => New(Products.Sku(number), at)));
        }
    }

    private static Append New(string sku, DateTimeOffset at) => JournalFill.Of(
        sku,
        0,
        at,
        [
            new StockEvent.DetailsPut(Guid.NewGuid(), 1, $"Product {sku}", 1_250, "EUR"),
            new StockEvent.Adjusted(Guid.NewGuid(), 1, Limits.Quantity, Limits.Quantity, "received", null),
        ]);

    /// <summary>Each is loaded once: by its first question.</summary>
    private static Way Loading(int products, BenchSilo silo)
    {
        var next = 0;
        return new(NameOf(products), async _ =>
        {
            if (await silo.Grains.GetGrain<IProductInventory>(Spread(next++, products)).ReadStock() is null) throw new BenchException("A product is not there.");
        });
    }

    private static Way Reserving(int products, BenchSilo silo, MeasuringRun run) =>
        Ways(silo, run).HoldfastOf(NameOf(products), client => Spread(client.Pick(Some), products));

    /// <summary>Neighbours would lie on the same page of the index.</summary>
    private static string Spread(int number, int products) => Products.Sku(number % Some * (products / Some));
}
