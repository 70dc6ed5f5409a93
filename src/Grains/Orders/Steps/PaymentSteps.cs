using Holdfast.Contracts;
using Holdfast.Contracts.Orders;
using Holdfast.Grains.Orders.Payments;
using Holdfast.Journal;
using Holdfast.Journal.Outbox;
using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Orders.Steps;

/// <summary>A step that asks the payment gateway, which may not answer.</summary>
internal abstract class PaymentStep(IGrainFactory grains, IPaymentGateway gateway, IOptions<OrderOptions> options, TimeProvider clock)
    : OrderStep(grains, options, clock)
{
    private const int ReportTries = 3;

    protected IPaymentGateway Gateway => gateway;

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

    protected Task<ChargeResult?> Find(string orderId, CancellationToken cancellationToken) =>
        WithTimeout(token => gateway.Find(orderId, token), cancellationToken);

    /// <summary>
    /// Tells the order what the gateway answered, and at once again when the order does not say that it has heard: this message may have
    /// been finished by another delivery of it meanwhile, and then nobody else comes to tell.
    /// </summary>
    protected static async Task Report(IOrderSteps order, ChargeResult result, CancellationToken cancellationToken)
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

/// <summary>
/// Captures the payment, once: the idempotency key is the order's own. An unknown outcome is looked into until it is known, or
/// until an operator has to.
/// </summary>
internal sealed class ChargeStep(IGrainFactory grains, IPaymentGateway gateway, IOptions<OrderOptions> options, TimeProvider clock)
    : PaymentStep(grains, gateway, options, clock)
{
    /// <summary>How soon an unknown outcome is looked into again, at the least and at the most.</summary>
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(15);

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
            var result = await WithTimeout(token => Gateway.Charge(request, token), cancellationToken);
            if (result.Status is ChargeStatus.OrderAlreadyAnswered or ChargeStatus.KeyReused) await ReportFormer(order, work, cancellationToken);
            else await Report(order, result, cancellationToken);
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

    /// <summary>
    /// The order was charged before, for another amount: at the prices of an earlier attempt, which nobody had heard of. One key for all
    /// attempts is what keeps a customer from paying twice, so that charge is the order's, and the order decides what it is worth.
    /// </summary>
    private async Task ReportFormer(IOrderSteps order, ChargeWork work, CancellationToken cancellationToken)
    {
        if (await TryFind(work.OrderId, cancellationToken) is { } found) await Report(order, found, cancellationToken);
        else await RetryOrPark(order, work, "The gateway knows the charge's key for another amount, and not what became of it.");
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
    : PaymentStep(grains, gateway, options, clock)
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
            var result = await WithTimeout(token => Gateway.Refund(request, token), cancellationToken);

            // Who had given it back by hand at the gateway has settled it, too.
            var isBack = result.Status == RefundStatus.Refunded
                || (result.Status == RefundStatus.ExceedsCaptured && result.Refunded >= work.Amount.Amount);
            if (!isBack) throw new InvalidOperationException($"The payment gateway refused the refund: {result.Status}.");
        }
        catch (Exception exception) when (exception is PaymentUnknownException or PaymentUnavailableException or OperationCanceledException)
        {
            // The refund's key makes a repeat harmless; the money goes back however long it takes.
            throw new PutBackException(exception.Message, Retry, exception);
        }

        await order.Refunded();
    }
}

/// <summary>
/// Looks once more, later and later, for a charge that the gateway knew nothing of: one that is slower than anybody waited can still
/// capture it. One message puts itself back until the key is forgotten there; a look that finds nothing costs no append.
/// </summary>
internal sealed class LateChargeStep(IGrainFactory grains, IPaymentGateway gateway, IOptions<OrderOptions> options, TimeProvider clock)
    : PaymentStep(grains, gateway, options, clock)
{
    /// <summary>How soon a gateway that does not answer is asked again.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromMinutes(1);

    public override string Type => StepType.LateCharge;

    protected override bool ParksWhenLate => false;

    protected override async Task Run(IOrderSteps order, int attempt, CancellationToken cancellationToken)
    {
        if (await order.AskToLookAgain(attempt) is not { } work) return;
        ChargeResult? found;
        try
        {
            found = await Find(work.OrderId, cancellationToken);
        }
        catch (Exception exception) when (exception is PaymentUnknownException or PaymentUnavailableException)
        {
            throw new PutBackException(exception.Message, Retry, exception);
        }

        if (found is not null) await Report(order, found, cancellationToken);
        else if (work.LookAgainAfter is { } after) throw new PutBackException("The charge may still show up.", after);
    }

    /// <summary>The order has gone on without it, and is not parked for it. While money can still come, it is not given up either.</summary>
    protected override async Task TellGivenUp(OutboxMessage message, string error, CancellationToken cancellationToken)
    {
        var (orderId, attempt) = Parse(message);
        if (await Grains.GetGrain<IOrderSteps>(orderId).AskToLookAgain(attempt) is { LookAgainAfter: not null })
        {
            throw new PutBackException($"A late charge of {orderId} could still show up: {error}");
        }
    }
}
