using Holdfast.Contracts;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders.Payments;

namespace Holdfast.Domain.Orders.Steps;

/// <summary>How steps ask the payment gateway, which may not answer, and how they tell the order what it said.</summary>
internal static class GatewayCalls
{
    private const int ReportTries = 3;

    /// <exception cref="PaymentUnknownException">There was no answer in time.</exception>
    public static async Task<T> WithTimeout<T>(this OrderPorts ports, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(ports.Options.GatewayTimeout, ports.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await call(either.Token);
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested)
        {
            throw new PaymentUnknownException($"The payment gateway did not answer within {ports.Options.GatewayTimeout}.", exception);
        }
    }

    /// <exception cref="PaymentUnknownException">There was no answer in time.</exception>
    /// <exception cref="PaymentUnavailableException">The gateway could not be asked.</exception>
    public static Task<ChargeResult?> Find(this OrderPorts ports, string orderId, CancellationToken cancellationToken) =>
        ports.WithTimeout(token => ports.Gateway.Find(orderId, token), cancellationToken);

    /// <summary>
    /// Tells the order what the gateway answered, and at once again when the order does not say that it has heard: this message may have
    /// been finished by another delivery of it meanwhile, and then nobody else comes to tell.
    /// </summary>
    public static async Task Report(IOrderSteps order, ChargeResult result, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await ReportOnce(order, result);
                return;
            }
            catch (Exception exception) when (tries < ReportTries && NoAnswer.IsOrGivenUp(exception, cancellationToken))
            {
                // The next call finds another activation, or the same one with a store that answers.
            }
        }
    }

    private static async Task ReportOnce(IOrderSteps order, ChargeResult result)
    {
        switch (result.Status)
        {
            case ChargeStatus.Captured:
                await order.Captured(result.ChargeId!, result.Amount);
                break;
            case ChargeStatus.Declined:
                await order.Declined(result.DeclineReason ?? "declined");
                break;
            default:
                throw new InvalidOperationException($"The payment gateway found a charge that is {result.Status}.");
        }
    }
}
