using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders.Payments;

namespace Holdfast.Domain.Orders.Steps;

/// <summary>
/// Captures the payment, once: the idempotency key is the order's own. An unknown outcome is looked into until it is known, or
/// until an operator has to.
/// </summary>
internal static class ChargeStep
{
    /// <summary>How soon an unknown outcome is looked into again, at the least and at the most.</summary>
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(15);

    public static OrderStep Step { get; } = new(StepType.Charge, Run);

    private static async Task Run(OrderPorts ports, IOrderSteps order, int attempt, CancellationToken cancellationToken)
    {
        var permit = await order.AskToCharge();
        switch (permit.Kind)
        {
            case ChargePermitKind.Charge when ports.Clock.GetUtcNow() > permit.SendBy:
                throw new StepPutBackException("The permit to charge ran out before the charge was sent.");
            case ChargePermitKind.Charge:
                await Charge(ports, order, permit.Work!, cancellationToken);
                break;
            case ChargePermitKind.FindOnly:
                await FindOnly(ports, order, permit, cancellationToken);
                break;
        }
    }

    private static async Task Charge(OrderPorts ports, IOrderSteps order, ChargeWork work, CancellationToken cancellationToken)
    {
        var request = new ChargeRequest($"{work.OrderId}/charge", work.OrderId, work.Amount, work.PaymentToken);
        try
        {
            var result = await ports.WithTimeout(token => ports.Gateway.Charge(request, token), cancellationToken);
            if (result.Status is ChargeStatus.OrderAlreadyAnswered or ChargeStatus.KeyReused) await ReportFormer(ports, order, work, cancellationToken);
            else await GatewayCalls.Report(order, result, cancellationToken);
        }
        catch (PaymentUnavailableException exception)
        {
            await RetryOrPark(ports, order, work, exception.Message);
        }
        catch (PaymentUnknownException exception)
        {
            if (await TryFind(ports, work.OrderId, cancellationToken) is { } found) await GatewayCalls.Report(order, found, cancellationToken);
            else await RetryOrPark(ports, order, work, exception.Message);
        }
    }

    /// <summary>
    /// The order was charged before, for another amount: at the prices of an earlier attempt, which nobody had heard of. One key for all
    /// attempts is what keeps a customer from paying twice, so that charge is the order's, and the order decides what it is worth.
    /// </summary>
    private static async Task ReportFormer(OrderPorts ports, IOrderSteps order, ChargeWork work, CancellationToken cancellationToken)
    {
        if (await TryFind(ports, work.OrderId, cancellationToken) is { } found) await GatewayCalls.Report(order, found, cancellationToken);
        else await RetryOrPark(ports, order, work, "The gateway knows the charge's key for another amount, and not what became of it.");
    }

    private static async Task FindOnly(OrderPorts ports, IOrderSteps order, ChargePermit permit, CancellationToken cancellationToken)
    {
        var work = permit.Work!;
        var now = ports.Clock.GetUtcNow();
        ChargeResult? found;
        try
        {
            found = await ports.Find(work.OrderId, cancellationToken);
        }
        catch (Exception exception) when (exception is PaymentUnknownException or PaymentUnavailableException)
        {
            await RetryOrPark(ports, order, work, exception.Message);
            return;
        }

        if (found is not null) await GatewayCalls.Report(order, found, cancellationToken);
        else if (now >= permit.QuietAt) await order.NeverCharged(work.Attempt);
        else throw new StepPutBackException("A charge may still be on its way.", permit.QuietAt - now);
    }

    private static async Task RetryOrPark(OrderPorts ports, IOrderSteps order, ChargeWork work, string detail)
    {
        var now = ports.Clock.GetUtcNow();
        if (now >= work.GiveUpAt)
        {
            if (await order.Park(StepType.Charge, work.Attempt, OrderReason.PaymentUnknown, detail) == StepReport.Recorded) return;
            throw new StepPutBackException(detail, LastRetry);
        }

        // The longer it has been unknown, the longer until it is asked again.
        var elapsed = ports.Options.ChargeGiveUpAfter - (work.GiveUpAt - now);
        throw new StepPutBackException(detail, TimeSpan.FromTicks(Math.Clamp(elapsed.Ticks / 2, FirstRetry.Ticks, LastRetry.Ticks)));
    }

    /// <summary>Null also when the gateway does not answer: nothing is known.</summary>
    private static async Task<ChargeResult?> TryFind(OrderPorts ports, string orderId, CancellationToken cancellationToken)
    {
        try
        {
            return await ports.Find(orderId, cancellationToken);
        }
        catch (Exception exception) when (exception is PaymentUnknownException or PaymentUnavailableException)
        {
            return null;
        }
    }
}
