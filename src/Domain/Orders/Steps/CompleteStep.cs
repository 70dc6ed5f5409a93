using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;

namespace Holdfast.Domain.Orders.Steps;

/// <summary>Turns every hold of a paid order into a sale.</summary>
internal static class CompleteStep
{
    public static OrderStep Step { get; } = new(StepType.Complete, Run);

    private static async Task Run(OrderPorts ports, IOrderSteps order, int attempt, CancellationToken cancellationToken)
    {
        if (await order.AskToCommit(attempt) is not { } work) return;
        var ended = await StepLines.All(work.Lines, line => Commit(ports, line, work));
        var outcomes = await StepLines.Answers(work.Lines, ended, cancellationToken);
        await order.Committed(attempt, Array.TrueForAll(outcomes, static outcome => outcome.Status == ReservationOutcomeStatus.Done));
    }

    private static async Task<ReservationOutcome> Commit(OrderPorts ports, StepLine line, LinesWork work) => ports.ProductOf(line.Sku) is { } product
        ? await product.Commit(new(line.Reservation, work.Lasting, Within: work.Within))
        : new(ReservationOutcomeStatus.NotFound);
}
