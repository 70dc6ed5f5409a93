using System.Text.Json;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Inventory;
using Holdfast.Domain.Orders;
using Holdfast.Grains.Inventory;
using Holdfast.Grains.Orders;
using Holdfast.Tests.Domain.Owner;

namespace Holdfast.Tests.Domain.Orders;

/// <summary>
/// One order with its two products, its outbox and a payment gateway, all in memory: the rules decide, the steps run in pieces that
/// interleave as they please. A message stays in the outbox until a run of its step has ended; it is delivered as often as one likes.
/// </summary>
internal sealed class SagaSimulation
{
    private static readonly OrderOptions Options = new();
    private static readonly OrderRules Rules = new(Options);
    private static readonly Money Price = new(100, "EUR");

    /// <summary>How long a charge that was sent may still arrive.</summary>
    private static readonly TimeSpan Travel = Options.GatewayTimeout + Options.ChargeTravelTime;

    /// <summary>So long after a permit, no charge is on its way any more.</summary>
    private static readonly TimeSpan Quiet = Options.ChargeSendWindow + Travel;

    private readonly PlayedStream<OrderState, OrderEvent> _order = new(OrderKind.Instance, "ord_1");
    private readonly Dictionary<string, PlayedStream<StockState, StockEvent>> _products = [];
    private readonly List<(string Type, int Attempt)> _outbox = [];
    private readonly List<Run> _runs = [];

    // Charges on their way to the gateway, each with the moment by which it arrives or is lost for all that one waits for.
    private readonly List<(DateTimeOffset ArrivesBefore, Money Amount)> _travelling = [];
    private readonly List<Money> _sent = [];
    private readonly bool _declines;
    private ChargeWindow _charges = new(Options);
    private Loss _loss;
    private Money? _answered;
    private long _captured;
    private long _refunded;
    private int _seen;
    private byte _operation;

    public SagaSimulation(int stock, bool declines)
    {
        _declines = declines;
        foreach (var sku in new[] { "sku-1", "sku-2" })
        {
            var product = _products[sku] = new(StockKind.Instance, sku);
            product.Put(new PutProduct(new(Next(), 1), sku, Price, null, false));
            product.Adjust(new AdjustStock(new(Next(), 1), stock, "received", null));
        }

        _order.Place(Rules, OrderReports.Placing);
        Collect();
    }

    private enum Loss
    {
        Nothing,
        Requests,
        Answers,
    }

    private sealed record Run((string Type, int Attempt) Message, IEnumerator<bool> Step);

    public OrderState Order => _order.State;

    public string Where =>
        $"{Order.Status} from {Order.ParkedFrom}, {Order.Payment}, total {Order.Total?.Amount}, captured {_captured}, refunded {_refunded}, outbox {string.Join(' ', _outbox)}";

    /// <summary>Where in the outbox the first message of a step is.</summary>
    public int IndexOf(string step) => _outbox.FindIndex(message => message.Type == step);

    /// <summary>Delivers a message: its step begins to run.</summary>
    public void Deliver(int which)
    {
        if (_outbox.Count == 0) return;
        var message = _outbox[which % _outbox.Count];
        _runs.Add(new(message, Step(message).GetEnumerator()));
    }

    /// <summary>Runs one piece of a step that has begun.</summary>
    public void Advance(int which)
    {
        if (_runs.Count == 0) return;
        var run = _runs[which % _runs.Count];
        if (run.Step.MoveNext())
        {
            // False puts the message back: it stays in the outbox.
            if (!run.Step.Current) _runs.Remove(run);
        }
        else
        {
            _runs.Remove(run);
            _outbox.Remove(run.Message);
        }

        Collect();
    }

    /// <summary>Delivers a message and runs its step to the end, undisturbed.</summary>
    public void RunWhole(int which)
    {
        Deliver(which);
        if (_runs.Count == 0) return;
        var run = _runs[^1];
        while (_runs.Contains(run))
        {
            Advance(_runs.IndexOf(run));
            Arrive(0);
        }
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
        while (_runs.Count > 0) Lose(0);
    }

    /// <summary>The order's silo is gone; the next activation assumes the worst.</summary>
    public void Reactivate()
    {
        _charges = new(Options);
        if (Order.Payment == PaymentStatus.Pending) _charges.AssumeTheWorst();
    }

    /// <summary>
    /// A step failed too often: its message is a dead letter, but for a refund that is due and cannot be parked, and for a look at a charge
    /// that can still show up.
    /// </summary>
    public void GiveUp(int which)
    {
        if (_outbox.Count == 0) return;
        var message = _outbox[which % _outbox.Count];
        if (message.Type == StepType.LateCharge)
        {
            if (_order.Read((state, now) => OrderWork.LookAgain(state, message.Attempt, Options, now)) is not { LookAgainAfter: not null }) _outbox.Remove(message);
            return;
        }

        var parked = _order.Decide(OrderRules.Park, (message.Type, message.Attempt, OrderReason.StepFailed, "broken"));
        if (parked == StepReport.Recorded || message.Type != StepType.Refund || !Order.RefundIsDue) _outbox.Remove(message);
        Collect();
    }

    /// <summary>From now on the second product does not hear a reserve, or is not heard, or both work.</summary>
    public void LoseReserves(int which) => _loss = (Loss)(which % 3);

    /// <summary>A charge that is on its way arrives, whether or not anyone still waits for its answer.</summary>
    public void Arrive(int which)
    {
        if (_travelling.Count == 0) return;
        var amount = _travelling[which % _travelling.Count].Amount;
        _travelling.RemoveAt(which % _travelling.Count);
        Answer(amount);
    }

    /// <summary>The first charge, lost for all one knew, shows up after all, and whoever sent it says so, or nobody does.</summary>
    public void ShowUp(bool heard = true)
    {
        if (_sent.Count == 0 || _answered is not null) return;
        Answer(_sent[0]);
        if (heard) ReportCharge();
        Collect();
    }

    /// <summary>From the next reserve on a unit of either product costs something else.</summary>
    public void Reprice(long amount)
    {
        foreach (var (sku, product) in _products)
        {
            product.Put(new PutProduct(new(Next(), 1), sku, Price with { Amount = amount }, null, false));
        }
    }

    public void Cancel()
    {
        _order.Decide<OrderVerbStatus>(OrderVerbs.Cancel);
        Collect();
    }

    public void Resolve(OperatorVerb verb)
    {
        _order.Decide(new OrderVerbs(Options).Resolve, verb);
        Collect();
    }

    public void SellOneToOthers(int which)
    {
        var product = _products.Values.ElementAt(which % _products.Count);
        product.Adjust(new AdjustStock(new(Next(), 1), -1, "sold elsewhere", null));
    }

    public void Wait(TimeSpan time)
    {
        _order.Now += time;
        foreach (var product in _products.Values) product.Now = _order.Now;
        _travelling.RemoveAll(charge => charge.ArrivesBefore <= _order.Now);
    }

    /// <summary>From here on all goes well.</summary>
    public void Settle()
    {
        _loss = Loss.Nothing;
        for (var round = 0; round < 200 && _outbox.Count > 0; round++)
        {
            Deliver(0);
            while (_runs.Count > 0)
            {
                Advance(0);
                Arrive(0);
            }

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
        if (Order.Status == OrderStatus.NeedsAttention) return;
        Assert.True(Order.Ended, $"nothing is left to do and it has not ended: {Where}");
        var kept = _captured - _refunded;
        var former = Order.ReserveAttempts.SkipLast(1).SelectMany(Reservations).ToArray();
        var latest = Reservations(Order.ReserveAttempts[^1]).ToArray();
        if (Order.Status == OrderStatus.Completed)
        {
            Assert.True(kept == Order.Total!.Value.Amount, $"goods for other money than they cost: {Where}");
            Assert.True(Array.TrueForAll(latest, static status => status == ReservationStatus.Committed), $"money without goods: {Where}");
            AssertNothingHeld(former);
        }
        else
        {
            Assert.True(kept == 0 && Order is { LinesUndone: true, PaymentSettled: true }, $"money without goods: {Where}");
            AssertNothingHeld([.. former, .. latest]);
        }
    }

    private void AssertNothingHeld(ReservationStatus?[] reservations) =>
        Assert.False(
            Array.Exists(reservations, static status => status is ReservationStatus.Reserved or ReservationStatus.Committed),
            $"held by a finished order: {Where}");

    private IEnumerable<ReservationStatus?> Reservations(int attempt) => Order.Lines.Select(line =>
        _products[line.Sku].Find(Order.ReservationOf(line, attempt))?.Status);

    private IEnumerable<bool> Step((string Type, int Attempt) message) => message.Type switch
    {
        StepType.Reserve => Reserve(message.Attempt),
        StepType.Charge => Charge(),
        StepType.Complete => Complete(message.Attempt),
        StepType.Undo => Undo(message.Attempt),
        StepType.LateCharge => LookAgain(message.Attempt),
        _ => Refund(),
    };

    private IEnumerable<bool> Reserve(int attempt)
    {
        if (Order.Status != OrderStatus.Reserving || Order.Attempt != attempt) yield break;
        var (lines, deadline) = (Order.Lines, Order.ReserveDeadline);
        foreach (var former in Order.ReserveAttempts.Where(former => former != attempt).ToArray())
        {
            foreach (var line in lines)
            {
                yield return true;
                UndoLine(line, former);
            }
        }

        var answers = new ReserveOutcome?[lines.Length];
        for (var i = 0; i < lines.Length; i++)
        {
            yield return true;
            answers[i] = Ask(lines[i], new(new(Order.ReservationOf(lines[i], attempt), 7), lines[i].Quantity, Options.HoldTtl, deadline));
        }

        yield return true;
        if (Array.Exists(answers, static answer => answer is null) && _order.Now <= deadline) yield return false;
        _order.Decide(Rules.Reserved, (attempt, answers));
    }

    private ReserveOutcome? Ask(PlacedLine line, ReserveStock command)
    {
        var loss = line == Order.Lines[^1] ? _loss : Loss.Nothing;
        var answer = loss == Loss.Requests ? null : _products[line.Sku].Reserve(command);
        return loss == Loss.Answers ? null : answer;
    }

    private IEnumerable<bool> Charge()
    {
        // This order has one host at a time, which is always current.
        var question = _charges.Ask(_order.Now, TimeSpan.Zero);
        var decided = _order.Decide(Rules.AskToCharge, _charges.MayBeOut);
        question.Note(decided);
        var permit = question.Answer(decided, _order.Now);
        if (permit.Kind == ChargePermitKind.Nothing) yield break;
        yield return true;
        foreach (var goesOn in permit.Kind == ChargePermitKind.Charge ? Send(permit.Work!.Amount, permit.SendBy) : Find(permit.Work!.Attempt, permit.QuietAt))
        {
            yield return goesOn;
        }
    }

    private IEnumerable<bool> Send(Money amount, DateTimeOffset sendBy)
    {
        if (_order.Now > sendBy) yield return false;
        _sent.Add(amount);
        _travelling.Add((_order.Now + Travel, amount));
        yield return true;

        // Of another amount or not: the gateway's answer to the order's one key is what is found.
        if (_answered is null) yield return false;
        ReportCharge();
    }

    private IEnumerable<bool> LookAgain(int attempt)
    {
        if (_order.Read((state, now) => OrderWork.LookAgain(state, attempt, Options, now)) is not { } work) yield break;
        yield return true;
        var found = _answered is not null;
        yield return true;
        if (found) ReportCharge();
        else if (work.LookAgainAfter is not null) yield return false;
    }

    private IEnumerable<bool> Find(int attempt, DateTimeOffset quietAt)
    {
        var (isQuiet, found) = (_order.Now >= quietAt, _answered is not null);
        yield return true;
        if (found) ReportCharge();
        else if (isQuiet) _order.Decide(Rules.NeverCharged, attempt);
        else yield return false;
    }

    /// <summary>The order's one key makes every repeat harmless.</summary>
    private void Answer(Money amount)
    {
        if (_answered is not null) return;
        _answered = amount;
        if (!_declines) _captured = amount.Amount;
    }

    private void ReportCharge()
    {
        if (!_declines) _order.Decide(OrderRules.Captured, ("ch_1", _answered!.Value));
        else _order.Decide(OrderRules.Declined, "no funds");
    }

    private IEnumerable<bool> Complete(int attempt)
    {
        if (Order.Status != OrderStatus.Completing || Order.Attempt != attempt) yield break;
        var (all, reserved) = (true, Order.ReserveAttempts[^1]);
        foreach (var line in Order.Lines)
        {
            yield return true;
            var outcome = _products[line.Sku].Decide(StockRules.Commit, new ReservationCommand(Order.ReservationOf(line, reserved)));
            all &= outcome.Status == ReservationOutcomeStatus.Done;
        }

        yield return true;
        _order.Decide(OrderRules.Committed, (attempt, all));
    }

    private IEnumerable<bool> Undo(int attempt)
    {
        if (Order is not { Status: OrderStatus.Cancelling, LinesUndone: false }) yield break;
        foreach (var (line, former) in Order.ReserveAttempts.SelectMany(former => Order.Lines.Select(line => (line, former))).ToArray())
        {
            yield return true;
            UndoLine(line, former);
        }

        yield return true;
        _order.Decide(OrderRules.Undone, attempt);
    }

    private void UndoLine(PlacedLine line, int attempt)
    {
        var outcome = _products[line.Sku].Decide(
            StockRules.Undo, new ReservationCommand(Order.ReservationOf(line, attempt), LeaveTombstone: true));
        Assert.Equal(ReservationOutcomeStatus.Done, outcome.Status);
    }

    private IEnumerable<bool> Refund()
    {
        if (_order.Read(OrderWork.Refund) is not { Amount.Amount: var amount }) yield break;
        yield return true;

        // The refund's key makes a repeat harmless; the gateway gives no more back than it took.
        Assert.True(amount <= _captured, $"a refund of {amount}: {Where}");
        _refunded = amount;
        yield return true;
        _order.Decide<StepReport>(OrderRules.Refunded);
    }

    private void Collect()
    {
        for (; _seen < _order.Messages.Count; _seen++)
        {
            var message = _order.Messages[_seen];
            _outbox.Add((message.Type, JsonSerializer.Deserialize<StepMessage>(message.Body.Span, JsonSerializerOptions.Web)!.Attempt));
        }
    }

    private Guid Next() => new(0, 0, 0, 0, 0, 0, 0, 0, 0, 1, ++_operation);
}
