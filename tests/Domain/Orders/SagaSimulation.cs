using System.Text.Json;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Inventory;
using Holdfast.Domain.Orders;
using Holdfast.Domain.Orders.Steps;
using Holdfast.Simulation;

namespace Holdfast.Tests.Domain.Orders;

/// <summary>
/// One order in a simulated world whose steps are led by hand: a message is delivered when it is told to be, and a step that runs waits
/// before each of its calls until it is let on. A message stays until a run of its step has ended; it is delivered as often as one likes.
/// </summary>
internal sealed class SagaSimulation
{
    private static readonly OrderOptions Options = new();

    /// <summary>So long after a permit, no charge is on its way any more.</summary>
    private static readonly TimeSpan Quiet = Options.ChargeSendWindow + Options.GatewayTimeout + Options.ChargeTravelTime;

    private readonly World _world = new(1, new Weather { Travel = TimeSpan.Zero, Commit = TimeSpan.Zero });
    private readonly List<StoredMessage> _outbox = [];
    private readonly List<Run> _runs = [];
    private readonly LedGateway _gateway;
    private readonly string _orderId;
    private readonly string[] _skus = ["sku-1", "sku-2"];
    private Loss _loss;
    private byte _operation;

    public SagaSimulation(int stock, bool declines)
    {
        _gateway = new(_world.Clock, declines);
        _orderId = PublicId.Format(PublicId.Order, OrderReports.Placing.Operation.Id);
        _world.Store.OnMessage = message => _outbox.Add(
            new(message.Type, JsonSerializer.Deserialize(message.Body.Span, OrderJson.Default.StepMessage)!, message.CreatedAt));
        foreach (var sku in _skus)
        {
            Ask(() => _world.Cluster.Product(sku).PutDetails(new(Next(), sku, new(100, "EUR"), null, false)));
            Ask(() => _world.Cluster.Product(sku).Adjust(new(Next(), stock, "received", null)));
        }

        Ask(() => _world.Cluster.Order(_orderId).Place(OrderReports.Placing));
    }

    private enum Loss
    {
        Nothing,
        Requests,
        Answers,
    }

    private sealed record StoredMessage(string Type, StepMessage Body, DateTimeOffset CreatedAt);

    /// <summary>A delivered message, with the calls of its step that wait to be let on.</summary>
    private sealed record Run(StoredMessage Message)
    {
        public Queue<TaskCompletionSource> Waiting { get; } = [];

        public Task Step { get; set; } = Task.CompletedTask;

        public Task Pause()
        {
            var call = new TaskCompletionSource();
            Waiting.Enqueue(call);
            return call.Task;
        }
    }

    /// <summary>As the journal says.</summary>
    public OrderState Order => _world.Checks.Replay(OrderKind.Instance, _orderId);

    public string Where =>
        $"{Order.Status} from {Order.ParkedFrom}, {Order.Payment}, total {Order.Total?.Amount}, captured {_gateway.Captured}, "
        + $"refunded {_gateway.Refunded}, outbox {string.Join(' ', _outbox.Select(static message => message.Type))}";

    /// <summary>Where in the outbox the first message of a step is.</summary>
    public int IndexOf(string step) => _outbox.FindIndex(message => message.Type == step);

    /// <summary>Delivers a message: its step begins to run.</summary>
    public void Deliver(int which)
    {
        if (_outbox.Count == 0) return;
        Begin(which, static (step, ports, message) => step.Handle(ports, message.Body, message.CreatedAt, CancellationToken.None));
    }

    /// <summary>Lets one call of a step on.</summary>
    public void Advance(int which)
    {
        if (_runs.Count == 0) return;
        var run = _runs[which % _runs.Count];
        if (run.Waiting.TryDequeue(out var call)) _ = _world.Run(() => Task.FromResult(call.TrySetResult()));
        Settle(run);
    }

    /// <summary>Delivers a message and runs its step to the end, undisturbed.</summary>
    public void RunWhole(int which)
    {
        if (_outbox.Count == 0) return;
        Deliver(which);
        if (_runs.Count > 0) Finish(_runs[^1]);
    }

    /// <summary>The silo that ran a step is gone; its message is not.</summary>
    public void Lose(int which)
    {
        if (_runs.Count > 0) _runs.RemoveAt(which % _runs.Count);
    }

    /// <summary>Nothing is left that would move the order.</summary>
    public void LoseMessages()
    {
        _outbox.Clear();
        _runs.Clear();
    }

    /// <summary>The order's silo is gone; the next activation assumes the worst.</summary>
    public void Reactivate() => _world.Cluster.Forget(_orderId);

    /// <summary>A step failed too often, and is given up.</summary>
    public void GiveUp(int which)
    {
        if (_outbox.Count == 0) return;
        Finish(Begin(which, static (step, ports, message) => step.Fail(ports, message.Body, "broken", CancellationToken.None)));
    }

    /// <summary>From now on the second product does not hear a reserve, or is not heard, or both work.</summary>
    public void LoseReserves(int which) => _loss = (Loss)(which % 3);

    /// <summary>A charge that is on its way arrives, whether or not anyone still waits for its answer.</summary>
    public void Arrive(int which)
    {
        _gateway.Arrive(which);
        _world.Loop.Pass(TimeSpan.Zero);
    }

    /// <summary>The first charge, lost for all one knew, shows up after all, and whoever sent it says so, or nobody does.</summary>
    public void ShowUp(bool heard = true)
    {
        if (!_gateway.ShowUp() || !heard) return;
        var answer = _gateway.Answered!;
        Ask(() => answer.DeclineReason is { } reason
            ? _world.Cluster.Steps(_orderId).Declined(reason)
            : _world.Cluster.Steps(_orderId).Captured(answer.ChargeId!, answer.Amount));
    }

    /// <summary>From the next reserve on a unit of either product costs something else.</summary>
    public void Reprice(long amount)
    {
        foreach (var sku in _skus) Ask(() => _world.Cluster.Product(sku).PutDetails(new(Next(), sku, new(amount, "EUR"), null, false)));
    }

    public void Cancel() => Ask(() => _world.Cluster.Order(_orderId).Cancel());

    public void Resolve(OperatorVerb verb) => Ask(() => _world.Cluster.Order(_orderId).Resolve(verb));

    public void SellOneToOthers(int which) =>
        Ask(() => _world.Cluster.Product(_skus[which % _skus.Length]).Adjust(new(Next(), -1, "sold elsewhere", null)));

    public void Wait(TimeSpan time)
    {
        _world.Loop.Pass(time);
        _gateway.LoseLate();
        foreach (var run in _runs.ToArray()) Settle(run);
    }

    /// <summary>From here on all goes well.</summary>
    public void Settle()
    {
        _loss = Loss.Nothing;
        for (var round = 0; round < 200 && _outbox.Count > 0; round++)
        {
            Deliver(0);
            while (_runs.Count > 0) Finish(_runs[0]);

            // What is left looks for charges that may still show up, as long as their key is known.
            if (_outbox.TrueForAll(static message => message.Type == StepType.LateCharge)) Wait(Options.GatewayKeyLifetime);

            // One that was put back is due later than the others.
            if (_outbox.Count > 1) _outbox.Add(_outbox[0]);
            if (_outbox.Count > 1) _outbox.RemoveAt(0);
            Wait(Quiet);
        }
    }

    public void AssertSettled()
    {
        Assert.True(_outbox.Count == 0, $"the outbox never empties: {Where}");
        var order = Order;
        if (order.Status == OrderStatus.NeedsAttention) return;
        Assert.True(order.Ended, $"nothing is left to do and it has not ended: {Where}");
        var kept = _gateway.Captured - _gateway.Refunded;
        var former = order.ReserveAttempts.SkipLast(1).SelectMany(attempt => Reservations(order, attempt)).ToArray();
        var latest = Reservations(order, order.ReserveAttempts[^1]).ToArray();
        if (order.Status == OrderStatus.Completed)
        {
            Assert.True(kept == order.Total!.Value.Amount, $"goods for other money than they cost: {Where}");
            Assert.True(Array.TrueForAll(latest, static status => status == ReservationStatus.Committed), $"money without goods: {Where}");
            AssertNothingHeld(former);
        }
        else
        {
            Assert.True(kept == 0 && order is { LinesUndone: true, PaymentSettled: true }, $"money without goods: {Where}");
            AssertNothingHeld([.. former, .. latest]);
        }
    }

    private void AssertNothingHeld(ReservationStatus?[] reservations) =>
        Assert.False(
            Array.Exists(reservations, static status => status is ReservationStatus.Reserved or ReservationStatus.Committed),
            $"held by a finished order: {Where}");

    private IEnumerable<ReservationStatus?> Reservations(OrderState order, int attempt) => order.Lines.Select(line =>
        StockRules.Find(_world.Checks.Replay(StockKind.Instance, line.Sku), order.ReservationOf(line, attempt))?.Status);

    private Run Begin(int which, Func<OrderStep, OrderPorts, StoredMessage, Task> act)
    {
        var run = new Run(_outbox[which % _outbox.Count]);
        _runs.Add(run);
        var step = OrderStep.All.Single(step => step.Type == run.Message.Type);
        run.Step = _world.Run(() => act(step, Ports(run), run.Message));
        Settle(run);
        return run;
    }

    private void Finish(Run run)
    {
        while (_runs.Contains(run))
        {
            Advance(_runs.IndexOf(run));
            Arrive(0);
            Settle(run);

            // Whoever waits for the gateway in vain does so for as long as it may.
            if (_runs.Contains(run) && run.Waiting.Count == 0) Wait(Options.GatewayTimeout);
        }
    }

    /// <summary>Runs what can run now, and takes note when that was the end of the step.</summary>
    private void Settle(Run run)
    {
        _world.Loop.Pass(TimeSpan.Zero);
        if (!run.Step.IsCompleted || !_runs.Remove(run)) return;
        if (run.Step.Exception?.InnerException is StepPutBackException) return;
        run.Step.GetAwaiter().GetResult();
        _outbox.Remove(run.Message);
    }

    private OrderPorts Ports(Run run) => new(
        orderId => _world.Cluster.Steps(orderId, run.Pause),
        sku => new UnreliableProduct(_world.Cluster.Product(sku, run.Pause), () => sku == _skus[^1] && _loss == Loss.Requests, () => sku == _skus[^1] && _loss == Loss.Answers),
        _gateway.Of(run.Pause),
        Options,
        _world.Clock,
        static (_, _, _) => { });

    private void Ask<T>(Func<ValueTask<T>> call)
    {
        var answer = _world.Run(async () => await call());
        _world.Loop.Pass(TimeSpan.Zero);
        Assert.True(answer.IsCompleted, $"no answer: {Where}");
        answer.GetAwaiter().GetResult();
    }

    private Operation Next() => new(new Guid(1, 0, 0, [.. new byte[7], ++_operation]), 1);
}
