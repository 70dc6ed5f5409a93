using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders.Payments;

namespace Holdfast.Domain.Orders.Steps;

/// <summary>
/// Looks once more, later and later, for a charge that the gateway knew nothing of: one that is slower than anybody waited can still
/// capture it. One message puts itself back until the key is forgotten there; a look that finds nothing costs no append.
/// </summary>
internal static class LateChargeStep
{
    /// <summary>How soon a gateway that does not answer is asked again.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromMinutes(1);

    public static OrderStep Step { get; } = new(StepType.LateCharge, Run) { ParksWhenLate = false, GiveUp = GiveUp };

    private static async Task Run(OrderPorts ports, IOrderSteps order, int attempt, CancellationToken cancellationToken)
    {
        if (await order.AskToLookAgain(attempt) is not { } work) return;
        ChargeResult? found;
        try
        {
            found = await ports.Find(work.OrderId, cancellationToken);
        }
        catch (Exception exception) when (exception is PaymentUnknownException or PaymentUnavailableException)
        {
            throw new StepPutBackException(exception.Message, Retry, exception);
        }

        if (found is not null) await GatewayCalls.Report(order, found, cancellationToken);
        else if (work.LookAgainAfter is { } after) throw new StepPutBackException("The charge may still show up.", after);
    }

    /// <summary>The order has gone on without it, and is not parked for it. While money can still come, it is not given up either.</summary>
    private static async Task<StepReport> GiveUp(OrderPorts ports, IOrderSteps order, GivenUp step, CancellationToken cancellationToken)
    {
        return await order.AskToLookAgain(step.Attempt) is { LookAgainAfter: not null }
            ? throw new StepPutBackException($"A late charge of {step.Order} could still show up: {step.Detail}")
            : StepReport.Recorded;
    }
}
