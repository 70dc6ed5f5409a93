using Holdfast.Contracts;
using Holdfast.Contracts.Orders;

namespace Holdfast.Domain.Orders.Steps;

/// <summary>
/// One step of the order saga: asks the order what to do, does it, reports back. Its message comes at least once and in any order, so
/// every step can run twice, at the same time as itself, and long after the order has gone on.
/// </summary>
/// <param name="Type">The stable type of its message.</param>
/// <param name="Run">Does it.</param>
public sealed record OrderStep(string Type, Func<OrderPorts, IOrderSteps, int, CancellationToken, Task> Run)
{
    /// <summary>An order whose step cannot be done for long needs attention. False: it goes well without this one.</summary>
    public bool ParksWhenLate { get; init; } = true;

    /// <summary>The step cannot be done: an operator has to see it. The default puts the order before one.</summary>
    public Func<OrderPorts, IOrderSteps, GivenUp, CancellationToken, Task<StepReport>> GiveUp { get; init; } = Park;

    /// <summary>The message is about to become a dead letter, although nobody took it that the step was given up.</summary>
    public Func<IOrderSteps, GivenUp, Task> Abandon { get; init; } = static (_, _) => Task.CompletedTask;

    /// <summary>The step has put itself back for long, for a reason of its own.</summary>
    public Func<IOrderSteps, string, Task> ReportDelay { get; init; } = static (_, _) => Task.CompletedTask;

    /// <summary>Every step of an order.</summary>
    public static IReadOnlyList<OrderStep> All { get; } =
        [ReserveStep.Step, ChargeStep.Step, CompleteStep.Step, UndoStep.Step, RefundStep.Step, LateChargeStep.Step];

    /// <summary>A message of the step has come.</summary>
    /// <param name="createdAt">When the message was written: how long the step has been due.</param>
    /// <exception cref="StepPutBackException">Not now, and not the step's fault.</exception>
    public async Task Handle(OrderPorts ports, StepMessage message, DateTimeOffset createdAt, CancellationToken cancellationToken)
    {
        var order = ports.Order(message.Order);
        try
        {
            await Run(ports, order, message.Attempt, cancellationToken);
        }
        catch (Exception exception) when (NoAnswer.IsOrGivenUp(exception, cancellationToken))
        {
            // Nobody's fault, so it is not counted; but an order must not stay where it is for ever, unseen.
            if (ParksWhenLate && IsLate() && await TryPark(ports, order, message, exception.Message, cancellationToken)) return;
            throw new StepPutBackException(exception.Message, inner: exception);
        }
        catch (StepPutBackException putBack) when (IsLate())
        {
            await TryReportDelay(order, putBack.Message, cancellationToken);
            throw;
        }

        bool IsLate() => ports.Clock.GetUtcNow() - createdAt > ports.Options.StepGiveUpAfter;
    }

    /// <summary>The message of the step has failed too often and is about to become a dead letter.</summary>
    /// <exception cref="StepPutBackException">It must not.</exception>
    public async Task Fail(OrderPorts ports, StepMessage message, string error, CancellationToken cancellationToken)
    {
        var order = ports.Order(message.Order);
        var givenUp = new GivenUp(message.Order, Type, message.Attempt, OrderReason.StepFailed, error);
        try
        {
            if (await GiveUp(ports, order, givenUp, cancellationToken) == StepReport.Stale) await Abandon(order, givenUp);
        }
        catch (Exception exception) when (NoAnswer.IsOrGivenUp(exception, cancellationToken))
        {
            throw new StepPutBackException(exception.Message, inner: exception);
        }
    }

    /// <summary>Puts the order before an operator.</summary>
    internal static async Task<StepReport> Park(OrderPorts ports, IOrderSteps order, GivenUp step, CancellationToken cancellationToken) =>
        await order.Park(step.Type, step.Attempt, step.Reason, step.Detail);

    private async Task TryReportDelay(IOrderSteps order, string detail, CancellationToken cancellationToken)
    {
        try
        {
            await ReportDelay(order, detail);
        }
        catch (Exception exception) when (NoAnswer.IsOrGivenUp(exception, cancellationToken))
        {
            // The step comes again, and says so then.
        }
    }

    /// <summary>False also when the order cannot be told now, for the same reason as the step perhaps.</summary>
    private async Task<bool> TryPark(OrderPorts ports, IOrderSteps order, StepMessage message, string detail, CancellationToken cancellationToken)
    {
        try
        {
            var givenUp = new GivenUp(message.Order, Type, message.Attempt, OrderReason.StepTimeout, detail);
            return await GiveUp(ports, order, givenUp, cancellationToken) == StepReport.Recorded;
        }
        catch (Exception exception) when (NoAnswer.IsOrGivenUp(exception, cancellationToken))
        {
            return false;
        }
    }
}

/// <summary>A step that is given up.</summary>
/// <param name="Reason">A code of <see cref="OrderReason"/>.</param>
/// <param name="Detail">For people.</param>
public sealed record GivenUp(string Order, string Type, int Attempt, string Reason, string Detail);
