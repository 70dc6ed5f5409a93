using System.Text.Json;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Journal;
using Holdfast.Journal.Outbox;
using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Orders.Steps;

/// <summary>One step of the order saga: asks the order what to do, does it, reports back. Runs where its lane delivers it.</summary>
internal abstract class OrderStep(IGrainFactory grains, IOptions<OrderOptions> options, TimeProvider clock) : IMessageHandler
{
    public abstract string Type { get; }

    protected IGrainFactory Grains => grains;

    protected OrderOptions Options => options.Value;

    protected TimeProvider Clock => clock;

    /// <summary>An order whose step cannot be done for long needs attention. False: it goes well without this one.</summary>
    protected virtual bool ParksWhenLate => true;

    protected abstract Task Run(IOrderSteps order, int attempt, CancellationToken cancellationToken);

    public async Task Handle(OutboxMessage message, CancellationToken cancellationToken)
    {
        var (orderId, attempt) = Parse(message);
        var order = grains.GetGrain<IOrderSteps>(orderId);
        try
        {
            await Run(order, attempt, cancellationToken);
        }
        catch (Exception exception) when (NoAnswer.IsOrGivenUp(exception, cancellationToken))
        {
            // Nobody's fault, so it is not counted; but an order must not stay where it is for ever, unseen.
            var tooOld = ParksWhenLate && clock.GetUtcNow() - message.CreatedAt > options.Value.StepGiveUpAfter;
            if (tooOld && await TryPark(order, attempt, exception.Message, cancellationToken)) return;
            throw new PutBackException(exception.Message, inner: exception);
        }
        catch (PutBackException putBack) when (clock.GetUtcNow() - message.CreatedAt > options.Value.StepGiveUpAfter)
        {
            await TryReportDelay(order, putBack.Message, cancellationToken);
            throw;
        }
    }

    public async Task GiveUp(OutboxMessage message, string error, CancellationToken cancellationToken)
    {
        try
        {
            await TellGivenUp(message, error, cancellationToken);
        }
        catch (Exception exception) when (NoAnswer.IsOrGivenUp(exception, cancellationToken))
        {
            throw new PutBackException(exception.Message, inner: exception);
        }
    }

    /// <summary>Tells the order that the message of its step is given up.</summary>
    protected virtual async Task TellGivenUp(OutboxMessage message, string error, CancellationToken cancellationToken)
    {
        var (orderId, attempt) = Parse(message);
        var order = grains.GetGrain<IOrderSteps>(orderId);
        var parked = await GiveUp(order, attempt, OrderReason.StepFailed, error, cancellationToken);

        // An order that has ended cannot be parked, and money that is to go back from it is never given up.
        if (!parked && Type == StepType.Refund && await order.AskToRefund() is not null)
        {
            await order.RefundFails(error);
            throw new PutBackException($"The refund of {orderId} is still due: {error}");
        }
    }

    /// <summary>The step cannot be done: an operator has to see it. False: the order did not take it so.</summary>
    protected virtual async Task<bool> GiveUp(
        IOrderSteps order, int attempt, string reason, string detail, CancellationToken cancellationToken) =>
        await order.Park(Type, attempt, reason, detail);

    /// <summary>The step has put itself back for long, for a reason of its own.</summary>
    protected virtual Task ReportDelay(IOrderSteps order, string detail) => Task.CompletedTask;

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
    private async Task<bool> TryPark(IOrderSteps order, int attempt, string detail, CancellationToken cancellationToken)
    {
        try
        {
            return await GiveUp(order, attempt, OrderReason.StepTimeout, detail, cancellationToken);
        }
        catch (Exception exception) when (NoAnswer.IsOrGivenUp(exception, cancellationToken))
        {
            return false;
        }
    }

    protected async Task UndoLines(LinesWork work, CancellationToken cancellationToken) =>
        await Answers(work.Lines, await All(work.Lines, line => Undo(line, work)), cancellationToken);

    /// <summary>Null: no product can have such a name, so there is nothing of it to hold, to sell or to give back.</summary>
    protected IProductInventory? Product(string sku) => string.IsNullOrWhiteSpace(sku) ? null : grains.GetGrain<IProductInventory>(sku);

    /// <summary>Does every line, all at once: one that fails, in whatever way, keeps no other from being done.</summary>
    protected static async Task<Task<T>[]> All<T>(StepLine[] lines, Func<StepLine, Task<T>> act)
    {
        var running = Array.ConvertAll(lines, Start);
        Task all = Task.WhenAll(running);
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return running;

        async Task<T> Start(StepLine line) => await act(line);
    }

    /// <exception cref="LinesFailedException">Some line failed by itself; those that only had no answer would hide it.</exception>
    protected static async Task<T[]> Answers<T>(StepLine[] lines, Task<T>[] ended, CancellationToken cancellationToken)
    {
        var failures = new List<string>();
        for (var i = 0; i < ended.Length; i++)
        {
            if (ended[i].Exception?.InnerException is { } failure && !NoAnswer.IsOrGivenUp(failure, cancellationToken))
            {
                failures.Add($"{lines[i].Sku}: {failure.Message}");
            }
        }

        return failures.Count > 0 ? throw new LinesFailedException(failures) : await Task.WhenAll(ended);
    }

    protected async Task<bool> Undo(StepLine line, LinesWork work)
    {
        if (Product(line.Sku) is not { } product) return true;
        var outcome = await product.Undo(new(line.Reservation, work.Lasting, LeaveTombstone: true, work.Within));
        if (outcome.Status != ReservationOutcomeStatus.Done)
        {
            throw new InvalidOperationException($"{line.Sku} answered {outcome.Status} to an undo, which has no refusals.");
        }

        return true;
    }

    protected static StepMessage Parse(OutboxMessage message) =>
        JsonSerializer.Deserialize(message.Body.Span, OrderJson.Default.StepMessage)
            ?? throw new JsonException($"Message {message.Id} has no body.");
}

/// <summary>Lines of an order that failed by themselves, and will fail again.</summary>
internal sealed class LinesFailedException(IReadOnlyList<string> failures)
    : Exception(string.Join("; ", failures.Take(MaxNamed)) + (failures.Count > MaxNamed ? $"; and {failures.Count - MaxNamed} more" : ""))
{
    /// <summary>Lines that the message names.</summary>
    private const int MaxNamed = 5;
}
