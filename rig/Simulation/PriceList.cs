using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;

namespace Holdfast.Simulation;

/// <summary>
/// Somebody who lets prices begin and end while the order is bought. Its dice are its own: most worlds have nobody like that.
/// </summary>
/// <param name="lines">Of the order.</param>
internal sealed class PriceList(World world, Caller caller, ulong seed, IReadOnlyList<OrderLine> lines)
{
    private const int MaxPeriods = 3;

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(30);

    private readonly Dice _dice = new(~seed);

    /// <param name="act">How somebody acts in the world.</param>
    public Task Come(Func<string, Func<Task>, Task> act) => _dice.Chance(0.15) ? act("the price list", Keep) : Task.CompletedTask;

    private async Task Keep()
    {
        for (var puts = 1 + _dice.Below(4); puts > 0; puts--)
        {
            var sku = _dice.Of(lines).Sku;
            var there = await caller.UntilAnswered(_ => world.Cluster.Product(sku).ReadPrices(ReadConsistency.Default));
            if (there is null) continue;
            var periods = Periods(there);
            await caller.UntilAnswered(operation => world.Cluster.Product(sku).PutPrices(new(operation, periods, null, false)));
            await world.Delay(_dice.Delay(Moment));
        }
    }

    /// <summary>From now on, or from soon; short ones, for the order to meet where they begin and end.</summary>
    private AskedPrice[] Periods(ProductPrices there)
    {
        var periods = new AskedPrice[_dice.Below(MaxPeriods + 1)];
        var from = there.Now.At;
        for (var i = 0; i < periods.Length; i++)
        {
            var begins = i == 0 && _dice.Chance(0.7) ? (DateTimeOffset?)null : from += Whole(_dice.Delay(Moment));
            var to = from + Whole(_dice.Delay(Moment)) + TimeSpan.FromMilliseconds(1);
            var endless = i == periods.Length - 1 && _dice.Chance(0.3);
            periods[i] = new(there.UnitPrice with { Amount = 1_000 + _dice.Below(3) }, begins, endless ? null : to);
            from = to;
        }

        return periods;
    }

    private static TimeSpan Whole(TimeSpan time) => TimeSpan.FromMilliseconds((long)time.TotalMilliseconds);
}
