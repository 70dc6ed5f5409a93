using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders.Payments;

namespace Holdfast.Domain.Orders.Steps;

/// <summary>Gives a captured payment back, once.</summary>
internal static class RefundStep
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    public static OrderStep Step { get; } = new(StepType.Refund, Run)
    {
        Abandon = Abandon,
        ReportDelay = static async (order, detail) => await order.RefundFails(detail),
    };

    private static async Task Run(OrderPorts ports, IOrderSteps order, int attempt, CancellationToken cancellationToken)
    {
        if (await order.AskToRefund() is not { } work) return;
        try
        {
            var request = new RefundRequest($"{work.OrderId}/refund", work.OrderId, work.ChargeId, work.Amount.Amount);
            var result = await ports.WithTimeout(token => ports.Gateway.Refund(request, token), cancellationToken);

            // Who had given it back by hand at the gateway has settled it, too.
            var isBack = result.Status == RefundStatus.Refunded
                || (result.Status == RefundStatus.ExceedsCaptured && result.Refunded >= work.Amount.Amount);
            if (!isBack) throw new InvalidOperationException($"The payment gateway refused the refund: {result.Status}.");
        }
        catch (Exception exception) when (exception is PaymentUnknownException or PaymentUnavailableException or OperationCanceledException)
        {
            // The refund's key makes a repeat harmless; the money goes back however long it takes.
            throw new StepPutBackException(exception.Message, Retry, exception);
        }

        await order.Refunded();
    }

    /// <summary>An order that has ended cannot be parked, and money that is to go back from it is never given up.</summary>
    private static async Task Abandon(IOrderSteps order, GivenUp step)
    {
        if (await order.AskToRefund() is null) return;
        await order.RefundFails(step.Detail);
        throw new StepPutBackException($"The refund of {step.Order} is still due: {step.Detail}");
    }
}
