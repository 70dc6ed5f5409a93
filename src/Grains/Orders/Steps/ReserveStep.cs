using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Journal.Outbox;
using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Orders.Steps;

/// <summary>Asks every product to hold its line, all at once.</summary>
internal sealed class ReserveStep(IGrainFactory grains, IOptions<OrderOptions> options, TimeProvider clock)
    : OrderStep(grains, options, clock)
{
    public override string Type => StepType.Reserve;

    protected override async Task Run(IOrderSteps order, int attempt, CancellationToken cancellationToken)
    {
        if (await order.AskToReserve(attempt) is not { } work) return;
        var (asked, left) = (Clock.GetTimestamp(), work.Left ?? work.Deadline - Clock.GetUtcNow());
        if (work.Former is { } former) await UndoLines(former, cancellationToken);
        var ended = await All(work.Lines, line => Reserve(line, work, left - Clock.GetElapsedTime(asked), cancellationToken));
        var answers = await Answers(work.Lines, ended, cancellationToken);

        // A product that did not answer may hold the line all the same; before the deadline it is asked again, after it the
        // order is cancelled, which releases every line whatever its answer was.
        if (Array.Exists(answers, static answer => answer is null) && Clock.GetElapsedTime(asked) <= left)
        {
            throw new PutBackException("A product did not answer.");
        }

        await order.Reserved(attempt, answers);
    }

    private async Task<ReserveOutcome?> Reserve(StepLine line, ReserveWork work, TimeSpan left, CancellationToken cancellationToken)
    {
        try
        {
            var command = new ReserveStock(
                new(line.Reservation, unchecked((ulong)line.Quantity)), line.Quantity, work.HoldTtl, work.Deadline)
            {
                Within = left,
            };
            return Product(line.Sku) is { } product ? await product.Reserve(command) : new(ReserveStatus.UnknownProduct);
        }
        catch (Exception exception) when (NoAnswer.IsOrGivenUp(exception, cancellationToken))
        {
            return null;
        }
    }
}
