using Holdfast.Contracts.Inventory;
using Holdfast.Tests.Cluster;
using Holdfast.Tests.Journal;

namespace Holdfast.Tests.Delivery;

public sealed class UndoAfterADayTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task An_undo_whose_own_decision_lets_its_receipt_go_still_returns_what_was_sold()
    {
        var clock = new JumpingClock();
        await using var cluster = await HoldfastCluster.Start(_directory.Path, clock.Install);
        await cluster.CreateProduct("tea", 10);
        var sold = await Reserve(cluster, clock, 3);
        Assert.Equal(ReservationOutcomeStatus.Done, (await cluster.Product("tea").Commit(new(sold))).Status);

        // Still open a day later: the next decision records its expiry first, and with it forgets the receipt of the sale.
        await Reserve(cluster, clock, 1);
        clock.Jump(TimeSpan.FromHours(30));
        var undone = await cluster.Product("tea").Undo(new(sold, Lasting: true, LeaveTombstone: true));
        Assert.Equal(ReservationOutcomeStatus.Done, undone.Status);
        Assert.Equal((10L, 0L), await cluster.Stock("tea"));
    }

    private static async Task<Guid> Reserve(HoldfastCluster cluster, JumpingClock clock, long quantity)
    {
        var operation = HoldfastCluster.NewOperation();
        var deadline = clock.GetUtcNow() + TimeSpan.FromMinutes(1);
        var outcome = await cluster.Product("tea").Reserve(new(operation, quantity, TimeSpan.FromMinutes(30), deadline));
        Assert.Equal(ReserveStatus.Reserved, outcome.Status);
        return operation.Id;
    }
}
