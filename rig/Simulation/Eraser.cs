using Holdfast.Contracts;
using Holdfast.Contracts.Orders;

namespace Holdfast.Simulation;

/// <summary>Somebody has the order's text erased in the end, as soon as nothing can come to it any more.</summary>
internal sealed class Eraser(World world, Caller caller, string orderId)
{
    /// <summary>Far more than it takes until the last look for a late charge is over, and a refund gets through.</summary>
    private const int MaxTries = 200;

    public async Task Come()
    {
        if (!world.Dice.Chance(0.3)) return;
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await caller.UntilAnswered(operation => world.Cluster.Order(orderId).Erase(new(operation))) is not { } outcome) return;
            switch (outcome)
            {
                case { Status: EraseOrderStatus.Erased }:
                    await IsErased();
                    return;
                case { Status: EraseOrderStatus.NotFound }:
                    return;
                case { Status: EraseOrderStatus.RefundIsDue } or { Status: EraseOrderStatus.ChargeMayCome, SettledAt: null }:
                    await world.Delay(TimeSpan.FromMinutes(10));
                    break;
                case { Status: EraseOrderStatus.ChargeMayCome, SettledAt: { } settledAt }:
                    await world.Delay(settledAt > world.Loop.Now ? settledAt - world.Loop.Now : TimeSpan.FromMinutes(1));
                    break;
                default:
                    world.Checks.Fail($"the erasure of an order that has ended was answered {outcome.Status}");
                    return;
            }
        }

        world.Checks.Fail($"an order that has ended could not be erased in {MaxTries} tries");
    }

    private async Task IsErased()
    {
        var order = await caller.UntilAnswered(_ => world.Cluster.Order(orderId).Read(ReadConsistency.Strong));
        world.Checks.That(order is { ErasedAt: not null, CustomerId: "" }, "an order was answered as erased, and still has its customer");
        var again = await caller.UntilAnswered(operation => world.Cluster.Order(orderId).Erase(new(operation)));
        world.Checks.That(again?.Status == EraseOrderStatus.Erased, $"the erasure of an erased order was answered {again?.Status}");
    }
}
