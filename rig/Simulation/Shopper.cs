using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Simulation;

/// <summary>
/// Somebody who wants units of the same products without an order: holds them, buys them or gives them back, too late or twice; and a clerk
/// who counts what is on the shelf.
/// </summary>
/// <param name="stock">Units that each product should have, but for those that the order sold.</param>
internal sealed class Shopper(World world, Caller caller, Dictionary<string, long> stock)
{
    private static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(10);

    /// <summary>Clocks of silos are ahead and behind by up to ten minutes each.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(25);

    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    public async Task Shop(string sku)
    {
        switch (world.Dice.Below(6))
        {
            case 0:
                await AskTooLate(sku);
                break;
            case 1:
                await ChangeMind(sku);
                break;
            case 2:
                await Count(sku);
                break;
            default:
                await Buy(sku);
                break;
        }
    }

    /// <summary>Nothing holds units for ever: not of a shopper who went away, and not of an order that has ended.</summary>
    public async Task AllIsFree()
    {
        await world.Delay(LongestHold + Skew);
        foreach (var sku in stock.Keys.ToArray())
        {
            var level = await caller.UntilAnswered(_ => Product(sku).ReadStock(ReadConsistency.Strong));
            world.Checks.That(level?.Reserved == 0, $"{sku} still has {level?.Reserved} units held when every hold is over");
        }
    }

    private async Task Buy(string sku)
    {
        var reserved = await Reserve(sku, world.Dice.Id(), Within);
        world.Checks.That(reserved?.Status != ReserveStatus.DeadlinePassed, $"{sku} took a reserve of {Within} for one that came too late");
        if (reserved is not { Status: ReserveStatus.Reserved, Reservation: { } hold }) return;
        await world.Delay(world.Dice.Delay(Moment));
        if (world.Dice.Below(4) == 0) await Extend(sku, hold);
        switch (world.Dice.Below(5))
        {
            case 0:
                await caller.UntilAnswered(_ => Product(sku).Release(new(hold.Id)));
                break;
            case 1:
                if (await Commit(sku, hold)) stock[sku] -= hold.Quantity;
                break;
            case 3:
                await BuySome(sku, hold);
                break;
            case 2:
                // As an order does that is cancelled after all, whose message comes twice.
                await Commit(sku, hold);
                await Task.WhenAll(Undo(sku, hold), Undo(sku, hold));
                break;
        }
    }

    private async Task<bool> Commit(string sku, Reservation hold) =>
        await caller.UntilAnswered(_ => Product(sku).Commit(new(hold.Id))) is { Status: ReservationOutcomeStatus.Done };

    /// <summary>Fewer than were held, and perhaps they come back.</summary>
    private async Task BuySome(string sku, Reservation hold)
    {
        var some = 1 + world.Dice.Below((int)hold.Quantity);
        var sold = await caller.UntilAnswered(same => Product(sku).Commit(new(hold.Id) { Operation = same, Quantity = some }));
        if (sold is not { Status: ReservationOutcomeStatus.Done }) return;
        world.Checks.That(
            sold.Reservation is { Status: ReservationStatus.Committed } done && done.Committed == some && done.Quantity == hold.Quantity,
            $"{sku} sold {sold.Reservation?.Committed} of {hold.Quantity} when {some} were asked for");
        if (world.Dice.Below(2) == 0) await Undo(sku, hold);
        else stock[sku] -= some;
    }

    private async Task Extend(string sku, Reservation hold)
    {
        var ttl = world.Dice.Between(TimeSpan.FromSeconds(1), LongestHold);
        var extended = await caller.UntilAnswered(same => Product(sku).Extend(new(same, hold.Id, ttl)));
        if (extended is not { Status: ReservationOutcomeStatus.Done, Reservation: { } now }) return;
        world.Checks.That(now.ExpiresAt >= hold.ExpiresAt, $"{sku} holds units until {now.ExpiresAt:O}, and did until {hold.ExpiresAt:O}");
    }

    private async Task Undo(string sku, Reservation hold)
    {
        var undone = await caller.UntilAnswered(_ => Product(sku).Undo(new(hold.Id, LeaveTombstone: true)));
        world.Checks.That(undone?.Status == ReservationOutcomeStatus.Done, $"an undo of {sku} was answered {undone?.Status}");
    }

    private async Task AskTooLate(string sku)
    {
        var reserved = await Reserve(sku, world.Dice.Id(), TimeSpan.FromMilliseconds(-1));
        world.Checks.That(reserved?.Status == ReserveStatus.DeadlinePassed, $"{sku} answered {reserved?.Status} to a reserve whose time was over");
    }

    /// <summary>Who has given back what was never heard of gets nothing when the first request arrives after all.</summary>
    private async Task ChangeMind(string sku)
    {
        var id = world.Dice.Id();
        var released = await caller.UntilAnswered(_ => Product(sku).Release(new(id, LeaveTombstone: true)));
        world.Checks.That(released?.Status == ReservationOutcomeStatus.Done, $"a release of {sku} was answered {released?.Status}");
        var reserved = await Reserve(sku, id, Within);
        world.Checks.That(reserved?.Status != ReserveStatus.Reserved, $"{sku} holds a reserve that had been released");
    }

    /// <summary>What is sold between the look and the count is not on the shelf any more: then the count does not count.</summary>
    private async Task Count(string sku)
    {
        if (await caller.UntilAnswered(_ => Product(sku).ReadStock(ReadConsistency.Strong)) is not { } seen) return;
        await world.Delay(world.Dice.Delay(Moment));
        var counted = Math.Max(0, seen.OnHand - world.Dice.Below(2));
        var set = await caller.UntilAnswered(operation => Product(sku).SetOnHand(new(operation, counted, seen.Version)));
        if (set?.Status == SetStockStatus.Set) stock[sku] += counted - seen.OnHand;
    }

    private Task<ReserveOutcome?> Reserve(string sku, Guid id, TimeSpan within)
    {
        var quantity = 1 + world.Dice.Below(3);
        var hold = world.Dice.Between(TimeSpan.FromSeconds(1), LongestHold);
        return caller.UntilAnswered(
            same => Product(sku).Reserve(new(same, quantity, hold, world.Loop.Now + within) { Within = within }), new(id, (ulong)quantity));
    }

    private IProductInventory Product(string sku) => world.Cluster.Product(sku);
}
