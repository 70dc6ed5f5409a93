using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;

namespace Holdfast.Domain.Orders.Steps;

/// <summary>Asks every product to hold its line, all at once.</summary>
internal static class ReserveStep
{
    public static OrderStep Step { get; } = new(StepType.Reserve, Run);

    private static async Task Run(OrderPorts ports, IOrderSteps order, int attempt, CancellationToken cancellationToken)
    {
        if (await order.AskToReserve(attempt) is not { } work) return;
        var (asked, left) = (ports.Clock.GetTimestamp(), work.Left ?? work.Deadline - ports.Clock.GetUtcNow());
        if (work.Former is { } former) await StepLines.Undo(ports, former, cancellationToken);
        var ended = await StepLines.All(
            work.Lines, line => Reserve(ports, line, work, left - ports.Clock.GetElapsedTime(asked), cancellationToken));
        var answers = await StepLines.Answers(work.Lines, ended, cancellationToken);

        // A product that did not answer may hold the line all the same; before the deadline it is asked again, after it the
        // order is cancelled, which releases every line whatever its answer was.
        if (Array.Exists(answers, static answer => answer is null) && ports.Clock.GetElapsedTime(asked) <= left)
        {
            throw new StepPutBackException("A product did not answer.");
        }

        await order.Reserved(attempt, answers);
    }

    private static async Task<ReserveOutcome?> Reserve(
        OrderPorts ports, StepLine line, ReserveWork work, TimeSpan left, CancellationToken cancellationToken)
    {
        try
        {
            // The reservation's id is the order's own, and only the quantity could differ: it serves as the fingerprint.
            var operation = new Operation(line.Reservation, unchecked((ulong)line.Quantity));
            var command = new ReserveStock(operation, line.Quantity, work.HoldTtl, work.Deadline) { Within = left };
            return ports.ProductOf(line.Sku) is { } product ? await product.Reserve(command) : new(ReserveStatus.UnknownProduct);
        }
        catch (Exception exception) when (NoAnswer.IsOrGivenUp(exception, cancellationToken))
        {
            return null;
        }
    }
}
