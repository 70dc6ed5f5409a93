using Holdfast.Contracts.Orders;
using Holdfast.Grains.Orders.Payments;
using Holdfast.Journal.Outbox;
using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Orders.Steps;

/// <summary>A step that asks the payment gateway, which may not answer.</summary>
internal abstract class PaymentStep(IGrainFactory grains, IOptions<OrderOptions> options, TimeProvider clock)
    : OrderStep(grains, options, clock)
{
    /// <exception cref="PaymentUnknownException">There was no answer in time.</exception>
    protected async Task<T> WithTimeout<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Options.GatewayTimeout, Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await call(either.Token);
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested)
        {
            throw new PaymentUnknownException($"The payment gateway did not answer within {Options.GatewayTimeout}.", exception);
        }
    }
}

/// <summary>
/// Captures the payment, once: the idempotency key is the order's own. An unknown outcome is looked into until it is known, or
/// until an operator has to.
/// </summary>
internal sealed class ChargeStep(IGrainFactory grains, IPaymentGateway gateway, IOptions<OrderOptions> options, TimeProvider clock)
    : PaymentStep(grains, options, clock)
{
    /// <summary>How soon an unknown outcome is looked into again, at the least and at the most.</summary>
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(15);

    private const int ReportTries = 3;

    public override string Type => StepType.Charge;

    protected override async Task Run(IOrderSteps order, int attempt, CancellationToken cancellationToken)
    {
        var permit = await order.AskToCharge();
        switch (permit.Kind)
        {
            case ChargePermitKind.Charge when Clock.GetUtcNow() > permit.SendBy:
                throw new PutBackException("The permit to charge ran out before the charge was sent.");
            case ChargePermitKind.Charge:
                await Charge(order, permit.Work!, cancellationToken);
                break;
            case ChargePermitKind.FindOnly:
                await FindOnly(order, permit, cancellationToken);
                break;
        }
    }

    private async Task Charge(IOrderSteps order, ChargeWork work, CancellationToken cancellationToken)
    {
        var request = new ChargeRequest($"{work.OrderId}/charge", work.OrderId, work.Amount, work.PaymentToken);
        try
        {
            var result = await WithTimeout(token => gateway.Charge(request, token), cancellationToken);
            await Report(order, result.Status == ChargeStatus.OrderAlreadyAnswered ? await TryFind(work.OrderId, cancellationToken) ?? result : result, cancellationToken);
        }
        catch (PaymentUnavailableException exception)
        {
            await RetryOrPark(order, work, exception.Message);
        }
        catch (PaymentUnknownException exception)
        {
            if (await TryFind(work.OrderId, cancellationToken) is { } found) await Report(order, found, cancellationToken);
            else await RetryOrPark(order, work, exception.Message);
        }
    }

    private async Task FindOnly(IOrderSteps order, ChargePermit permit, CancellationToken cancellationToken)
    {
        var work = permit.Work!;
        var now = Clock.GetUtcNow();
        ChargeResult? found;
        try
        {
            found = await Find(work.OrderId, cancellationToken);
        }
        catch (Exception exception) when (exception is PaymentUnknownException or PaymentUnavailableException)
        {
            await RetryOrPark(order, work, exception.Message);
            return;
        }

        if (found is not null) await Report(order, found, cancellationToken);
        else if (now >= permit.QuietAt) await order.NeverCharged(work.Attempt);
        else throw new PutBackException("A charge may still be on its way.", permit.QuietAt - now);
    }

    /// <summary>
    /// Tells the order what the gateway answered, and at once again when the order does not say that it has heard: this message may have
    /// been finished by another delivery of it meanwhile, and then nobody else comes to tell.
    /// </summary>
    private static async Task Report(IOrderSteps order, ChargeResult result, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await ReportOnce(order, result);
                return;
            }
            catch (Exception exception) when (tries < ReportTries && IsNoAnswer(exception, cancellationToken))
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
                await order.Captured(result.ChargeId!);
                break;
            case ChargeStatus.Declined:
                await order.Declined(result.DeclineReason ?? "declined");
                break;
            default:
                throw new InvalidOperationException($"The payment gateway answered {result.Status} to the order's only charge.");
        }
    }

    private async Task RetryOrPark(IOrderSteps order, ChargeWork work, string detail)
    {
        var now = Clock.GetUtcNow();
        if (now >= work.GiveUpAt)
        {
            if (await order.Park(Type, work.Attempt, OrderReason.PaymentUnknown, detail)) return;
            throw new PutBackException(detail, LastRetry);
        }

        // The longer it has been unknown, the longer until it is asked again.
        var elapsed = Options.ChargeGiveUpAfter - (work.GiveUpAt - now);
        throw new PutBackException(detail, TimeSpan.FromTicks(Math.Clamp(elapsed.Ticks / 2, FirstRetry.Ticks, LastRetry.Ticks)));
    }

    private Task<ChargeResult?> Find(string orderId, CancellationToken cancellationToken) =>
        WithTimeout(token => gateway.Find(orderId, token), cancellationToken);

    /// <summary>Null also when the gateway does not answer: nothing is known.</summary>
    private async Task<ChargeResult?> TryFind(string orderId, CancellationToken cancellationToken)
    {
        try
        {
            return await Find(orderId, cancellationToken);
        }
        catch (Exception exception) when (exception is PaymentUnknownException or PaymentUnavailableException)
        {
            return null;
        }
    }
}

/// <summary>Gives a captured payment back, once.</summary>
internal sealed class RefundStep(IGrainFactory grains, IPaymentGateway gateway, IOptions<OrderOptions> options, TimeProvider clock)
    : PaymentStep(grains, options, clock)
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    public override string Type => StepType.Refund;

    protected override async Task ReportDelay(IOrderSteps order, string detail) => await order.RefundFails(detail);

    protected override async Task Run(IOrderSteps order, int attempt, CancellationToken cancellationToken)
    {
        if (await order.AskToRefund() is not { } work) return;
        try
        {
            var request = new RefundRequest($"{work.OrderId}/refund", work.OrderId, work.ChargeId, work.Amount.Amount);
            var result = await WithTimeout(token => gateway.Refund(request, token), cancellationToken);
            if (result.Status != RefundStatus.Refunded) throw new InvalidOperationException($"The payment gateway refused the refund: {result.Status}.");
        }
        catch (Exception exception) when (exception is PaymentUnknownException or PaymentUnavailableException or OperationCanceledException)
        {
            // The refund's key makes a repeat harmless; the money goes back however long it takes.
            throw new PutBackException(exception.Message, Retry, exception);
        }

        await order.Refunded();
    }
}
