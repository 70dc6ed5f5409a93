using Holdfast.Bench.Compare;
using Holdfast.Bench.Measuring;

namespace Holdfast.Bench.Growth;

/// <summary>What an operation costs when much has happened before: it should cost the same.</summary>
internal static class GrowthSection
{
    public const string Id = "growth";

    /// <summary>Times what it costs at the smallest size.</summary>
    private const double Flat = 1.3;

    private static readonly string[] Unfair =
    [
        "In Holdfast's favour: the old products, movements and finished orders were written in bulk, in key order, so their pages are "
        + "fuller than years of sales would leave them.",
        "In Holdfast's favour: everything fits the memory of the machine; on a cold disk a load takes a read or two more.",
        "Where many products are in the store, few of them are asked for: asking for all at random means loading most of them, which is "
        + "measured by itself.",
    ];

    public static async Task<Section> Measure(MeasuringRun run, Plan plan, GrowthSizes sizes, CancellationToken cancellationToken)
    {
        var comparisons = new List<Comparison>();
        await using (var silo = await BenchSilo.Start(run.Stores, "data", cancellationToken))
        {
            comparisons.Add(await OpenHolds.Compare(silo, plan, sizes.OpenReservations, run, cancellationToken));
            comparisons.Add(await SpilledReceipts.Compare(silo, plan, sizes.ClosedReservations, run, cancellationToken));
            comparisons.AddRange(await LongHistory.Compare(silo, plan, sizes.Movements, run, cancellationToken));
        }

        await using (var stores = new Stores())
        {
            foreach (var size in sizes.Products) await stores.Start(run, "products", size, cancellationToken);
            comparisons.AddRange(await ManyProducts.Compare(stores.Silos, plan, run, cancellationToken));
        }

        await using (var stores = new Stores())
        {
            foreach (var size in sizes.FinishedOrders) await stores.Start(run, "orders", size, cancellationToken);
            comparisons.Add(await OldOrders.Compare(stores.Silos, plan, run, cancellationToken));
        }

        return new(
            Id,
            "How cost grows",
            "The same operation of Holdfast with little behind it and with much: open and closed reservations and movements of one product, products "
            + "and finished orders in the store. The sizes took turns. Flat is the goal, at most 1.3 times the smallest.",
            Unfair,
            comparisons,
            [])
        {
            Targets = [.. comparisons.Select(Target)],
        };
    }

    /// <summary>The dearest against the smallest.</summary>
    private static Target Target(Comparison comparison)
    {
        var (smallest, dearest) = (comparison.Standings[0].Way, comparison.Standings.Skip(1).MinBy(static standing => standing.PerSecond)!.Way);
        return new($"{comparison.Title}: the cost with {dearest}, in those with {smallest}", comparison.Title, smallest, dearest, Flat, AtMost: true);
    }

    /// <summary>Silos at the same time, each with a store of its own.</summary>
    private sealed class Stores : IAsyncDisposable
    {
        private readonly List<(int Size, BenchSilo Silo)> _silos = [];

        public IReadOnlyList<(int Size, BenchSilo Silo)> Silos => _silos;

        public async Task Start(MeasuringRun run, string name, int size, CancellationToken cancellationToken) =>
            _silos.Add((size, await BenchSilo.Start(run.Stores, $"{name}_{size}", cancellationToken)));

        public async ValueTask DisposeAsync()
        {
            foreach (var (_, silo) in _silos) await silo.DisposeAsync();
        }
    }
}
