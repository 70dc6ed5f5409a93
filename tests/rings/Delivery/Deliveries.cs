using System.Collections.Concurrent;
using Holdfast.Journal;
using Holdfast.Outbox.Delivery;
using Holdfast.Outbox.Lanes;

namespace Holdfast.Rings.Delivery;

/// <summary>Gives each delivery of each order's messages the fate that its run's plan has for it.</summary>
internal sealed class Deliveries
{
    /// <summary>How long a message waits for a later one of its lane; the last of a lane has none.</summary>
    private static readonly TimeSpan OvertakingTakes = TimeSpan.FromMilliseconds(300);

    private readonly ConcurrentDictionary<string, OrderRun> _runs = new();
    private readonly ConcurrentDictionary<FateKind, int> _met = new();
    private readonly TaskCompletionSource[] _passed = [.. Enumerable.Range(0, LaneNumbers.Count).Select(_ => NewSignal())];

    /// <summary>How many deliveries met each fate.</summary>
    public IReadOnlyDictionary<FateKind, int> Met => _met;

    /// <summary>Calls the customer's cancel of a run.</summary>
    public Func<OrderRun, Task> Cancel { get; set; } = _ => Task.CompletedTask;

    /// <summary>Lets a second owner get in while a step of the first is under way.</summary>
    public Func<OrderRun, Task> Overtake { get; set; } = _ => Task.CompletedTask;

    public void Add(OrderRun run) => _runs[run.Stream] = run;

    public OrderRun? Find(string stream) => _runs.GetValueOrDefault(stream);

    public async Task Deliver(IMessageHandler handler, OutboxMessage message, CancellationToken cancellationToken)
    {
        var run = _runs[message.Stream];
        var fate = run.NextFate(message.Type, out var first);
        _met.AddOrUpdate(fate.Kind, 1, static (_, before) => before + 1);
        var cancel = first && run.Plan.CancelStep == message.Type ? run.Plan.Cancel : CancelMoment.Never;
        if (cancel == CancelMoment.BeforeStep) await Cancel(run);
        if (cancel == CancelMoment.DuringStep) run.Stragglers.Enqueue(Cancel(run));
        if (first && run.Plan.OvertakenAt == message.Type) run.Stragglers.Enqueue(Overtake(run));
        await Meet(fate, run, handler, message, cancellationToken);
        if (cancel == CancelMoment.AfterStep) await Cancel(run);
    }

    private async Task Meet(Fate fate, OrderRun run, IMessageHandler handler, OutboxMessage message, CancellationToken cancellationToken)
    {
        var wait = TimeSpan.FromMilliseconds(fate.After);
        switch (fate.Kind)
        {
            case FateKind.Dropped:
                throw new PutBackException("Dropped on its way.", wait);
            case FateKind.FailsBefore:
                throw new InvalidOperationException("Planned: fails before.");
            case FateKind.FailsAfter:
                await Handle(run, handler, message, cancellationToken);
                throw new InvalidOperationException("Planned: fails after.");
            case FateKind.DoubledAtOnce:
                await Task.WhenAll(
                    Handle(run, handler, message, cancellationToken), Handle(run, handler, message, cancellationToken));
                return;
            case FateKind.DoubledLater:
                run.Stragglers.Enqueue(Task.Run(() => HandleLate(run, handler, message, wait), CancellationToken.None));
                break;
            case FateKind.Delayed:
                await Task.Delay(wait, TimeProvider.System, cancellationToken);
                break;
            case FateKind.Overtaken:
                await Task.WhenAny(
                    _passed[message.Lane].Task, Task.Delay(OvertakingTakes, TimeProvider.System, cancellationToken));
                break;
        }

        await Handle(run, handler, message, cancellationToken);
    }

    private async Task HandleLate(OrderRun run, IMessageHandler handler, OutboxMessage message, TimeSpan after)
    {
        await Task.Delay(after, TimeProvider.System, CancellationToken.None);
        try
        {
            await Handle(run, handler, message, CancellationToken.None);
        }
        catch (PutBackException)
        {
            // A duplicate is not delivered again.
        }
    }

    /// <summary>Runs the handler itself: whatever it cannot put back is a failure that no plan asked for.</summary>
    private async Task Handle(OrderRun run, IMessageHandler handler, OutboxMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await handler.Handle(message, cancellationToken);
        }
        catch (Exception exception) when (exception is not PutBackException)
        {
            // What a store's failure leaves of a step is its lane's business, however it is told.
            if (exception is not OperationCanceledException) run.Wrong.Enqueue($"{message.Type} failed by itself: {exception}");
            throw;
        }
        finally
        {
            Interlocked.Exchange(ref _passed[message.Lane], NewSignal()).TrySetResult();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A handler whose deliveries go as planned.</summary>
internal sealed class PlannedHandler(IMessageHandler inner, Deliveries deliveries) : IMessageHandler
{
    public string Type => inner.Type;

    public Task Handle(OutboxMessage message, CancellationToken cancellationToken) => deliveries.Deliver(inner, message, cancellationToken);

    public Task GiveUp(OutboxMessage message, string error, CancellationToken cancellationToken) =>
        inner.GiveUp(message, error, cancellationToken);
}
