using System.Globalization;
using Holdfast.Bench.Measuring;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Owner;

namespace Holdfast.Bench.Growth;

/// <summary>
/// Does a product that had more changes today than its memory keeps receipts of cost more? It goes on moving receipts to the table while it
/// is measured, as many as it gets; the product that has moved none is a new one in each round, and stays below that.
/// </summary>
internal static class SpilledReceipts
{
    public const string Title = "A reservation and its release, after others today";

    /// <summary>Each leaves a receipt: fewer than a product keeps in memory.</summary>
    private const int OperationsPerRound = 50_000;

    public static async Task<Comparison> Compare(BenchSilo silo, Plan plan, IReadOnlyList<int> sizes, MeasuringRun run, CancellationToken cancellationToken)
    {
        var deadline = run.Clock.GetUtcNow() + Limits.ReservationTtl;
        var inPieces = plan with { WarmUp = Effort.Of(OperationsPerRound), Round = Effort.Of(OperationsPerRound) };
        var contest = new Contest(inPieces, run.Progress, cancellationToken);
        Way[] ways = [.. sizes.Select(closed => WayAfter(silo.Grains, closed, deadline, run.Progress))];
        await contest.WarmUp(Title, ways[0], plan.WarmUpTime);
        return await contest.Run(Title, ways);
    }

    public static string NameOf(int closed) => string.Create(CultureInfo.InvariantCulture, $"{closed:N0} closed");

    private static Way WayAfter(IGrainFactory grains, int closed, DateTimeOffset deadline, Progress progress)
    {
        var (round, product) = (0, (IProductInventory?)null);
        return new(NameOf(closed), client => OpenHolds.ReserveAndRelease(product!, client.NextId(), deadline))
        {
            Prepare = async cancellationToken =>
            {
                if (product is not null && closed > ReceiptBook.MemoryBound) return;
                var sku = $"CLOSED-{closed}-{++round}";
                await Products.Create(grains, sku);
                product = grains.GetGrain<IProductInventory>(sku);
                if (closed > 0) progress.Say($"{NameOf(closed)} reservations of {sku} are made and released");
                await Products.ForEach(closed, async _ => await OpenHolds.ReserveAndRelease(product, Guid.NewGuid(), deadline), cancellationToken);
            },
        };
    }
}
