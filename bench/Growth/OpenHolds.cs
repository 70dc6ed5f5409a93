using System.Globalization;
using Holdfast.Bench.Measuring;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Orleans.Core.Internal;

namespace Holdfast.Bench.Growth;

/// <summary>
/// Does a reservation cost more when many are open? Each round has a product of its own: neither is the number another one then, nor
/// do the receipts of what was released outgrow the product's memory.
/// </summary>
internal static class OpenHolds
{
    public const string Title = "A reservation and its release";

    /// <summary>Few enough for the receipts that a product keeps in memory, and enough to time.</summary>
    private const int OperationsPerRound = 50_000;

    public static async Task<Comparison> Compare(BenchSilo silo, Plan plan, IReadOnlyList<int> sizes, MeasuringRun run, CancellationToken cancellationToken)
    {
        var deadline = run.Clock.GetUtcNow() + Limits.ReservationTtl;
        var inPieces = plan with { WarmUp = Effort.Of(OperationsPerRound), Round = Effort.Of(OperationsPerRound) };
        var contest = new Contest(inPieces, run.Progress, cancellationToken);
        Way[] ways = [.. sizes.Select(open => WayWith(silo.Grains, open, deadline))];
        await contest.WarmUp(Title, ways[0], plan.WarmUpTime);
        return await contest.Run(Title, ways);
    }

    public static string NameOf(int open) => string.Create(CultureInfo.InvariantCulture, $"{open:N0} others open");

    public static async ValueTask ReserveAndRelease(IProductInventory product, Guid id, DateTimeOffset deadline)
    {
        await Reserve(product, id, deadline);
        var released = await product.Release(new(id));
        if (released.Status != ReservationOutcomeStatus.Done) throw new BenchException($"A release was answered {released}.");
    }

    private static Way WayWith(IGrainFactory grains, int open, DateTimeOffset deadline)
    {
        var (round, product) = (0, (IProductInventory?)null);
        return new(NameOf(open), client => ReserveAndRelease(product!, client.NextId(), deadline))
        {
            Prepare = async cancellationToken =>
            {
                // A million holds of the round before are not this one's to carry.
                if (product is not null) await product.AsReference<IGrainManagementExtension>().DeactivateOnIdle(cancellationToken);
                var sku = $"OPEN-{open}-{++round}";
                await Products.Create(grains, sku);
                product = grains.GetGrain<IProductInventory>(sku);
                await Products.ForEach(open, async _ => await Reserve(product, Guid.NewGuid(), deadline), cancellationToken);
            },
        };
    }

    private static async Task Reserve(IProductInventory product, Guid id, DateTimeOffset deadline)
    {
        var outcome = await product.Reserve(new(new(id, 1), 1, Limits.ReservationTtl, deadline));
        if (outcome.Status != ReserveStatus.Reserved) throw new BenchException($"A reservation was answered {outcome}.");
    }
}
