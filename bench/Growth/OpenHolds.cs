using System.Globalization;
using Holdfast.Bench.Measuring;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Bench.Growth;

/// <summary>Does a reservation cost more when many are open? Each round has a product of its own, so that the number stays what it says.</summary>
internal static class OpenHolds
{
    /// <summary>Few against the many that are open, enough to time.</summary>
    private const int OperationsPerRound = 20_000;

    public static async Task<Comparison> Compare(BenchSilo silo, Plan plan, int open, MeasuringRun run, CancellationToken cancellationToken)
    {
        var deadline = run.Clock.GetUtcNow() + Limits.ReservationTtl;
        var inPieces = plan with { WarmUp = Effort.Of(OperationsPerRound), Round = Effort.Of(OperationsPerRound) };
        return await new Contest(inPieces, run.Progress, cancellationToken).Run(
            "A reservation and its release",
            WayWith("none other open", silo.Grains, 0, deadline),
            WayWith(string.Create(CultureInfo.InvariantCulture, $"{open:N0} others open"), silo.Grains, open, deadline));
    }

    private static Way WayWith(string name, IGrainFactory grains, int open, DateTimeOffset deadline)
    {
        var (round, product) = (0, (IProductInventory?)null);
        return new(name, client => ReserveAndRelease(product!, client, deadline))
        {
            Prepare = async cancellationToken =>
            {
                var sku = $"OPEN-{open}-{++round}";
                await Products.Create(grains, sku);
                product = grains.GetGrain<IProductInventory>(sku);
                await Products.ForEach(open, async _ => await Reserve(product, Guid.NewGuid(), deadline), cancellationToken);
            },
        };
    }

    private static async ValueTask ReserveAndRelease(IProductInventory product, Client client, DateTimeOffset deadline)
    {
        var id = client.NextId();
        await Reserve(product, id, deadline);
        var released = await product.Release(new(id));
        if (released.Status != ReservationOutcomeStatus.Done) throw new BenchException($"A release was answered {released}.");
    }

    private static async Task Reserve(IProductInventory product, Guid id, DateTimeOffset deadline)
    {
        var outcome = await product.Reserve(new(new(id, 1), 1, Limits.DefaultReservationTtl, deadline));
        if (outcome.Status != ReserveStatus.Reserved) throw new BenchException($"A reservation was answered {outcome}.");
    }
}
