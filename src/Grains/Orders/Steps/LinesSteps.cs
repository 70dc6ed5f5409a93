using Holdfast.Contracts.Inventory;
using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Orders.Steps;

/// <summary>Turns every hold of a paid order into a sale.</summary>
internal sealed class CompleteStep(IGrainFactory grains, IOptions<OrderOptions> options, TimeProvider clock)
    : OrderStep(grains, options, clock)
{
    public override string Type => StepType.Complete;

    protected override async Task Run(IOrderSteps order, int attempt, CancellationToken cancellationToken)
    {
        if (await order.AskToCommit(attempt) is not { } work) return;
        var outcomes = await Task.WhenAll(Array.ConvertAll(
            work.Lines,
            line => Grains.GetGrain<IProductInventory>(line.Sku).Commit(new(line.Reservation, work.Lasting, Within: work.Within)).AsTask()));
        await order.Committed(attempt, Array.TrueForAll(outcomes, static outcome => outcome.Status == ReservationOutcomeStatus.Done));
    }
}

/// <summary>
/// Takes back whatever the order's reservations did, on every line: one that was refused, never answered or never asked for gets a
/// tombstone, so that a late reserve holds nothing.
/// </summary>
internal sealed class UndoStep(IGrainFactory grains, IOptions<OrderOptions> options, TimeProvider clock)
    : OrderStep(grains, options, clock)
{
    public override string Type => StepType.Undo;

    protected override async Task Run(IOrderSteps order, int attempt, CancellationToken cancellationToken)
    {
        if (await order.AskToUndo(attempt) is not { } work) return;
        await UndoLines(work);
        await order.Undone(attempt);
    }
}
