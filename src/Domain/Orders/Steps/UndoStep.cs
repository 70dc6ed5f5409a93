using Holdfast.Contracts;
using Holdfast.Contracts.Orders;

namespace Holdfast.Domain.Orders.Steps;

/// <summary>
/// Takes back whatever the order's reservations did, on every line: one that was refused, never answered or never asked for gets a
/// tombstone, so that a late reserve holds nothing.
/// </summary>
internal static class UndoStep
{
    public static OrderStep Step { get; } = new(StepType.Undo, Run) { GiveUp = GiveUp };

    private static async Task Run(OrderPorts ports, IOrderSteps order, int attempt, CancellationToken cancellationToken)
    {
        if (await order.AskToUndo(attempt) is not { } work) return;
        await StepLines.Undo(ports, work, cancellationToken);
        await order.Undone(attempt);
    }

    /// <summary>An operator who has seen a line fail, and wants the order ended all the same, is not shown it again: it is left and named.</summary>
    private static async Task<StepReport> GiveUp(OrderPorts ports, IOrderSteps order, GivenUp step, CancellationToken cancellationToken)
    {
        if (await order.AskToUndo(step.Attempt) is not { LeaveWhatFails: true } work) return await OrderStep.Park(ports, order, step, cancellationToken);
        var ended = await StepLines.All(work.Lines, line => StepLines.Undo(ports, line, work));
        cancellationToken.ThrowIfCancellationRequested();

        // One that has only not answered may do so the next time, and is not given up.
        if (Array.Find(ended, IsSilent) is { } silent) await silent;
        var left = work.Lines.Where((_, i) => !ended[i].IsCompletedSuccessfully).Select(static line => line.Sku).Distinct().ToArray();
        if (left.Length == 0) return await order.Undone(step.Attempt);
        ports.LinesLeft(work.Lines.Length, left, step.Detail);
        return await order.UndoneExcept(step.Attempt, left);

        // A call that Orleans has given up ends as cancelled, and then has no exception to show.
        bool IsSilent(Task task) =>
            task.IsCanceled || (task.Exception?.InnerException is { } failure && NoAnswer.IsOrGivenUp(failure, cancellationToken));
    }
}
