using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Microsoft.Extensions.Logging;
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
        var outcomes = await Answers(work.Lines, await All(work.Lines, line => Commit(line, work)), cancellationToken);
        await order.Committed(attempt, Array.TrueForAll(outcomes, static outcome => outcome.Status == ReservationOutcomeStatus.Done));
    }

    private async Task<ReservationOutcome> Commit(StepLine line, LinesWork work) => Product(line.Sku) is { } product
        ? await product.Commit(new(line.Reservation, work.Lasting, Within: work.Within))
        : new(ReservationOutcomeStatus.NotFound);
}

/// <summary>
/// Takes back whatever the order's reservations did, on every line: one that was refused, never answered or never asked for gets a
/// tombstone, so that a late reserve holds nothing.
/// </summary>
internal sealed partial class UndoStep(IGrainFactory grains, IOptions<OrderOptions> options, TimeProvider clock, ILogger<UndoStep> logger)
    : OrderStep(grains, options, clock)
{
    /// <summary>Products that a log line names.</summary>
    private const int MaxLogged = 20;

    public override string Type => StepType.Undo;

    protected override async Task Run(IOrderSteps order, int attempt, CancellationToken cancellationToken)
    {
        if (await order.AskToUndo(attempt) is not { } work) return;
        await UndoLines(work, cancellationToken);
        await order.Undone(attempt);
    }

    /// <summary>An operator who has seen a line fail, and wants the order ended all the same, is not shown it again: it is left and named.</summary>
    protected override async Task<bool> GiveUp(
        IOrderSteps order, int attempt, string reason, string detail, CancellationToken cancellationToken)
    {
        if (await order.AskToUndo(attempt) is not { LeaveWhatFails: true } work)
        {
            return await base.GiveUp(order, attempt, reason, detail, cancellationToken);
        }

        var ended = await All(work.Lines, line => Undo(line, work));
        cancellationToken.ThrowIfCancellationRequested();

        // One that has only not answered may do so the next time, and is not given up.
        var silent = Array.Find(
            ended, task => task.Exception?.InnerException is { } failure && NoAnswer.IsOrGivenUp(failure, cancellationToken));
        if (silent is not null) await silent;
        var left = work.Lines.Where((_, i) => !ended[i].IsCompletedSuccessfully).Select(static line => line.Sku).Distinct().ToArray();
        if (left.Length == 0) return await order.Undone(attempt);
        LogLeft(work.Lines.Length, string.Join(", ", left.Take(MaxLogged)), detail);
        return await order.UndoneExcept(attempt, left);
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Of {Lines} lines of an order that an operator compensates, those of {Skus} cannot be undone and are left: {Detail}")]
    private partial void LogLeft(int lines, string skus, string detail);
}
