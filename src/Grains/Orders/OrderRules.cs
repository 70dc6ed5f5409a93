using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Grains.GroupCommit;
using static Holdfast.Grains.GroupCommit.Decide<Holdfast.Grains.Orders.OrderEvent>;

namespace Holdfast.Grains.Orders;

/// <summary>
/// The rules of an order: what each answer of a step leads to, from whatever state it finds. Capture is the point of no return:
/// before it the order can be cancelled, after it the order is completed, or undone with a refund. Every step's answer may come
/// twice, late, or after the order has ended.
/// </summary>
internal sealed class OrderRules(OrderOptions options)
{
    /// <summary>Each further look for a charge that the gateway knew nothing of waits so many times as long: seven looks in a day.</summary>
    private const int LateLookGrowth = 4;

    public Decision<OrderEvent, PlaceOrderOutcome> Place(OrderState state, PlaceOrder command, DateTimeOffset now)
    {
        if (state.Exists)
        {
            return Answer<PlaceOrderOutcome>(state.Fingerprint == command.Operation.Fingerprint
                ? new(PlaceOrderStatus.Placed, null, Replayed: true)
                : new(PlaceOrderStatus.KeyReused));
        }

        var lines = command.Lines.Select(static line => new PlacedLine(line.Sku, line.Quantity)).ToArray();
        return Change<PlaceOrderOutcome>(
            new(PlaceOrderStatus.Placed),
            new OrderEvent.Placed(command.Operation.Id, command.Operation.Fingerprint, command.CustomerId, lines)
            {
                Secret = command.PaymentToken,
            },
            StartReserving(1, now));
    }

    /// <param name="state">The order.</param>
    /// <param name="answers">One for each line; null where a product did not answer before the deadline.</param>
    /// <param name="now">The stream's time.</param>
    public Decision<OrderEvent, bool> Reserved(OrderState state, (int Attempt, ReserveOutcome?[] Answers) answers, DateTimeOffset now)
    {
        if (state.Status != OrderStatus.Reserving || state.Attempt != answers.Attempt) return Answer(false);
        var refused = Refusal(state, answers.Answers, now);
        if (refused is not null) return Change<bool>(true, refused);
        var prices = answers.Answers.Select(static answer => answer!.UnitPrice).ToArray();
        var total = Total(state.Lines, prices);
        if (total is null) return Change<bool>(true, Cancelling(state, OrderReason.TotalTooLarge));
        var heldUntil = answers.Answers.Min(static answer => answer!.Reservation!.ExpiresAt);
        var reserved = new OrderEvent.LinesReserved(
            [.. prices.Select(static price => price.Amount)], prices[0].Currency, total.Value, heldUntil.ToUnixTimeMilliseconds());

        // Nothing is to be paid, so nobody is asked for it, and no bank can decline it.
        return total == 0
            ? Change<bool>(true, reserved, new OrderEvent.CompletingStarted(state.Attempt))
            : Change<bool>(true, reserved, StartCharging(state.Attempt, now));
    }

    /// <summary>Whether, and how, the charge step may go to the gateway.</summary>
    /// <param name="state">The order.</param>
    /// <param name="mayBeOut">This activation knows that a charge may have been sent; that it does not know proves nothing.</param>
    /// <param name="now">The stream's time.</param>
    public Decision<OrderEvent, ChargePermit> AskToCharge(OrderState state, bool mayBeOut, DateTimeOffset now)
    {
        // A step that comes again after "never made" may have sent a charge all the same, and not have been able to say so.
        if (state.Payment != PaymentStatus.Pending && !state.NeverCharged) return Answer<ChargePermit>(new(ChargePermitKind.Nothing));
        var work = new ChargeWork(state.PublicId, state.Total!.Value, state.PaymentToken, state.Attempt, state.GiveUpChargeAt);

        // Nor is it worth an operator's attention that the gateway does not answer about it now: the step comes again.
        if (state.NeverCharged) return Answer<ChargePermit>(new(ChargePermitKind.FindOnly, work with { GiveUpAt = now + (2 * options.GatewayTimeout) }));
        switch (state.Status)
        {
            case OrderStatus.Charging when now + options.HoldMargin < state.HeldUntil:
                // The gateway may have forgotten the key by now: then only Find can tell, and nothing is captured blindly twice.
                var forgotten = mayBeOut && now > state.FirstChargeAt + options.GatewayKeyLifetime;
                return Answer<ChargePermit>(new(forgotten ? ChargePermitKind.FindOnly : ChargePermitKind.Charge, work));
            case OrderStatus.Charging when !mayBeOut:
                // The goods are free at once; the money is not settled before the gateway has been asked: see Cancel.
                return Change<ChargePermit>(
                    new(ChargePermitKind.FindOnly, work), Cancelling(state, OrderReason.HoldExpired, chargeMayBeOut: true));
            case OrderStatus.Charging or OrderStatus.Cancelling:
                return Answer<ChargePermit>(new(ChargePermitKind.FindOnly, work));
            default:
                return Answer<ChargePermit>(new(ChargePermitKind.Nothing));
        }
    }

    /// <summary>
    /// A captured payment is a fact whatever the order has become meanwhile: it is completed, or given back. A charge of an earlier
    /// attempt, made at the prices of then, is no payment for what the order costs now.
    /// </summary>
    public static Decision<OrderEvent, bool> Captured(OrderState state, (string Id, Money Amount) charge, DateTimeOffset now)
    {
        if (!state.Exists || state.Total is null || state.Payment is PaymentStatus.Captured or PaymentStatus.Refunded) return Answer(false);
        var amount = charge.Amount.Currency is null ? state.Total.Value : charge.Amount;
        var captured = new OrderEvent.PaymentCaptured(charge.Id, amount.Amount, amount.Currency);
        return state.Status switch
        {
            OrderStatus.Charging when amount == state.Total =>
                Change<bool>(true, captured, new OrderEvent.CompletingStarted(state.Attempt)),
            OrderStatus.NeedsAttention => Change<bool>(true, captured),

            // A retry after "never made" is at it again, at other prices perhaps, when the capture shows up after all. The gateway takes
            // no second charge of an order, so there is nothing to go on to.
            OrderStatus.Charging or OrderStatus.Reserving => Change<bool>(
                true, captured, Cancelling(state, OrderReason.PaymentLate), new OrderEvent.RefundStarted(state.Attempt)),
            _ => Change<bool>(true, captured, new OrderEvent.RefundStarted(state.Attempt)),
        };
    }

    public static Decision<OrderEvent, bool> Declined(OrderState state, string reason, DateTimeOffset now)
    {
        if (state.Payment != PaymentStatus.Pending) return Answer(false);
        return AfterNoPayment(state, new OrderEvent.PaymentDeclined(reason), OrderReason.PaymentDeclined);
    }

    /// <summary>No capture of this attempt or an earlier one is on its way, and the gateway knows of none. A later attempt may be out.</summary>
    public Decision<OrderEvent, bool> NeverCharged(OrderState state, int attempt, DateTimeOffset now)
    {
        if (state.Payment != PaymentStatus.Pending || state.Attempt != attempt) return Answer(false);
        var lookAgainAt = (now + options.FirstLookForLateCharge).ToUnixTimeMilliseconds();
        return AfterNoPayment(state, new OrderEvent.PaymentNeverMade(lookAgainAt), OrderReason.PaymentTimeout);
    }

    /// <summary>
    /// Whether a charge that the gateway knew nothing of is still looked for, also when the order has long ended: until the gateway has
    /// forgotten the key, it can come to capture it. A look that finds nothing records nothing.
    /// </summary>
    public Decision<OrderEvent, LateChargeWork?> AskToLookAgain(OrderState state, int attempt, DateTimeOffset now) => Answer(
        state.NeverCharged && state.NeverMade.Attempt == attempt
            ? new LateChargeWork(state.PublicId, NextLookAfter(state.NeverMade.At, now))
            : null);

    public static Decision<OrderEvent, bool> Committed(OrderState state, (int Attempt, bool All) lines, DateTimeOffset now)
    {
        if (state.Status != OrderStatus.Completing || state.Attempt != lines.Attempt) return Answer(false);
        if (lines.All) return Change<bool>(true, new OrderEvent.Completed());
        var cancelling = Cancelling(state, OrderReason.HoldExpired);
        return state.Payment == PaymentStatus.Captured
            ? Change<bool>(true, cancelling, new OrderEvent.RefundStarted(state.Attempt))
            : Change<bool>(true, cancelling);
    }

    public static Decision<OrderEvent, bool> Undone(OrderState state, int attempt, DateTimeOffset now) =>
        state is { Status: OrderStatus.Cancelling, LinesUndone: false } ? Undone(state, new OrderEvent.LinesUndone()) : Answer(false);

    /// <summary>Only an operator who has seen it fail can have a line left as it is.</summary>
    public static Decision<OrderEvent, bool> UndoneExcept(OrderState state, (int Attempt, string[] Skus) left, DateTimeOffset now)
    {
        var mayLeave = state is { Status: OrderStatus.Cancelling, LinesUndone: false, LeavesWhatFails: true } && state.Attempt == left.Attempt;
        return mayLeave ? Undone(state, new OrderEvent.LinesUndone(left.Skus)) : Answer(false);
    }

    /// <summary>What was taken goes back, whatever the order costs.</summary>
    public static Decision<OrderEvent, RefundWork?> AskToRefund(OrderState state, bool _, DateTimeOffset now) => Answer(
        state.RefundIsDue ? new RefundWork(state.PublicId, state.ChargeId!, state.Captured!.Value) : null);

    public static Decision<OrderEvent, bool> Refunded(OrderState state, bool _, DateTimeOffset now)
    {
        if (!state.RefundIsDue) return Answer(false);
        return state.Status == OrderStatus.Cancelling && state.LinesUndone
            ? Change<bool>(true, new OrderEvent.PaymentRefunded(), new OrderEvent.Cancelled())
            : Change<bool>(true, new OrderEvent.PaymentRefunded());
    }

    /// <summary>Said once a refund: its step goes on trying.</summary>
    public static Decision<OrderEvent, bool> RefundFails(OrderState state, string detail, DateTimeOffset now) =>
        state is { RefundIsDue: true, RefundFailure: null } ? Change<bool>(true, new OrderEvent.RefundFailing(detail)) : Answer(false);

    /// <summary>
    /// Honoured until the payment is captured. A cancel while charging always settles with the gateway: the permit to charge is not
    /// stored, so whether one was granted is known only to the activation that granted it, and while silos join or leave a second one
    /// may have loaded the order at that step and grant it still. A permit that is stored would cost every order an append, to end
    /// these few sooner.
    /// </summary>
    public static Decision<OrderEvent, OrderVerbStatus> Cancel(OrderState state, bool _, DateTimeOffset now)
    {
        if (!state.Exists) return Answer(OrderVerbStatus.NotFound);
        switch (state.Status)
        {
            case OrderStatus.Placed or OrderStatus.Reserving:
                return Change(OrderVerbStatus.Accepted, Cancelling(state, OrderReason.CancelledByCustomer));
            case OrderStatus.Charging:
                return Change(OrderVerbStatus.Accepted, Cancelling(state, OrderReason.CancelledByCustomer, chargeMayBeOut: true));
            case OrderStatus.Cancelling or OrderStatus.Cancelled:
            case OrderStatus.NeedsAttention when state.ParkedFrom == OrderStatus.Cancelling:
                return Answer(OrderVerbStatus.Accepted);
            case OrderStatus.NeedsAttention when state.Payment is PaymentStatus.None or PaymentStatus.Declined:
                return Change(OrderVerbStatus.Accepted, Cancelling(state, OrderReason.CancelledByCustomer));
            case OrderStatus.NeedsAttention when state.Payment == PaymentStatus.Pending:
                return Answer(OrderVerbStatus.NeedsAttention);
            default:
                return Answer(OrderVerbStatus.AlreadyCharged);
        }
    }

    /// <summary>A step was given up: the order waits for an operator, in whatever state it is.</summary>
    public static Decision<OrderEvent, bool> Park(OrderState state, (string Step, int Attempt, string Reason, string Detail) failure, DateTimeOffset now)
    {
        var stale = state.Ended || state.Status == OrderStatus.NeedsAttention || state.Attempt != failure.Attempt;
        return stale
            ? Answer(false)
            : Change<bool>(true, new OrderEvent.Parked(failure.Step, failure.Reason, failure.Detail));
    }

    /// <summary>
    /// A verb that was accepted under a key is accepted again under it, whatever the order has become since. What a verb does is recorded
    /// together with its key; one that was refused, or found nothing to do, is decided afresh.
    /// </summary>
    public static Decision<OrderEvent, OrderVerbOutcome> Once(
        OrderState state, (AskedBy By, Func<OrderState, DateTimeOffset, Decision<OrderEvent, OrderVerbStatus>> Verb) asked, DateTimeOffset now)
    {
        var (by, verb) = asked;
        var hasKey = by.Operation != Guid.Empty;
        if (hasKey && state.Asked.Find(before => before.Operation == by.Operation) is { } earlier)
        {
            return Answer<OrderVerbOutcome>(earlier == by ? new(OrderVerbStatus.Accepted, Replayed: true) : new(OrderVerbStatus.KeyReused));
        }

        var (status, events, _) = verb(state, now);
        if (hasKey && events.Length > 0) events[0] = events[0] with { By = by };
        return Change<OrderVerbOutcome>(new(status), events);
    }

    public Decision<OrderEvent, OrderVerbStatus> Resolve(OrderState state, OperatorVerb verb, DateTimeOffset now)
    {
        if (!state.Exists) return Answer(OrderVerbStatus.NotFound);
        if (verb == OperatorVerb.Resume) return Resume(state);
        if (state.Status != OrderStatus.NeedsAttention) return Answer(OrderVerbStatus.NotParked);
        var attempt = state.Attempt + 1;
        return verb switch
        {
            // Money and goods may be on their way back already, and nothing can call them back.
            OperatorVerb.Complete when state.ParkedFrom == OrderStatus.Cancelling => Answer(OrderVerbStatus.BeingUndone),
            OperatorVerb.Complete when !state.IsPaid => Answer(OrderVerbStatus.NotCharged),
            OperatorVerb.Complete => new(OrderVerbStatus.Accepted, Completion(state, attempt)),
            OperatorVerb.Compensate => new(
                OrderVerbStatus.Accepted, Compensation(state, attempt, OrderReason.CompensatedByOperator, HasFailedToUndo(state), now)),
            _ => new(OrderVerbStatus.Accepted, Again(state, attempt, now)),
        };
    }

    /// <summary>The order stands still: the messages of the steps that it waits for are sent again. One that comes twice does no harm.</summary>
    public static Decision<OrderEvent, OrderVerbStatus> Resume(OrderState state)
    {
        if (!state.Exists) return Answer(OrderVerbStatus.NotFound);
        OrderEvent[] resumed = [.. WaitsFor(state).Select(static step => new OrderEvent.Resumed(step))];
        if (resumed.Length > 0) return Change(OrderVerbStatus.Accepted, resumed);
        return Answer(state.Ended ? OrderVerbStatus.Ended : OrderVerbStatus.NeedsAttention);
    }

    /// <summary>The steps without which the order does not go on; none when it has ended or waits for an operator.</summary>
    private static IEnumerable<string> WaitsFor(OrderState state)
    {
        switch (state.Status)
        {
            case OrderStatus.Placed or OrderStatus.Reserving:
                yield return StepType.Reserve;
                break;
            case OrderStatus.Charging:
                yield return StepType.Charge;
                break;
            case OrderStatus.Completing:
                yield return StepType.Complete;
                break;
            case OrderStatus.Cancelling:
                if (!state.LinesUndone) yield return StepType.Undo;
                if (state.Payment == PaymentStatus.Pending) yield return StepType.Charge;
                break;
        }

        if (state.RefundIsDue) yield return StepType.Refund;
    }

    private OrderEvent[] Again(OrderState state, int attempt, DateTimeOffset now) => state.ParkedFrom switch
    {
        OrderStatus.Charging when state.Payment == PaymentStatus.Pending => [StartCharging(attempt, now)],
        OrderStatus.Charging when state.IsPaid => Completion(state, attempt),
        OrderStatus.Completing => Completion(state, attempt),
        OrderStatus.Cancelling => Compensation(state, attempt, state.CancelReason!, false, now),
        _ when state.Payment == PaymentStatus.Captured => Compensation(state, attempt, OrderReason.PaymentLate, false, now),
        _ => [StartReserving(attempt, now)],
    };

    /// <summary>An order that has become free meanwhile gives back what an earlier attempt took.</summary>
    private static OrderEvent[] Completion(OrderState state, int attempt) => state.HasTakenOther
        ? [new OrderEvent.CompletingStarted(attempt), new OrderEvent.RefundStarted(attempt)]
        : [new OrderEvent.CompletingStarted(attempt)];

    /// <summary>Whoever compensates such an order once more has been told what cannot be undone: it must not lead back here for ever.</summary>
    private static bool HasFailedToUndo(OrderState state) =>
        state is { ParkedFrom: OrderStatus.Cancelling, LinesUndone: false, ParkedStep: StepType.Undo };

    private OrderEvent[] Compensation(OrderState state, int attempt, string reason, bool leaveWhatFails, DateTimeOffset now)
    {
        var leave = leaveWhatFails || (state.ParkedFrom == OrderStatus.Cancelling && state.LeavesWhatFails);
        var cancelling = new OrderEvent.CancellingStarted(attempt, reason, null, ChargeMayBeOut: true, leave ? true : null);
        return state.Payment switch
        {
            PaymentStatus.Captured => [cancelling, new OrderEvent.RefundStarted(attempt)],

            // With the old deadline a gateway that is just away would park the order again at once.
            PaymentStatus.Pending => [cancelling, new OrderEvent.SettlingStarted(attempt, GiveUpChargeAt(now))],
            _ => [cancelling],
        };
    }

    private static Decision<OrderEvent, bool> Undone(OrderState state, OrderEvent undone) =>
        state.PaymentSettled ? Change<bool>(true, undone, new OrderEvent.Cancelled()) : Change<bool>(true, undone);

    private static Decision<OrderEvent, bool> AfterNoPayment(OrderState state, OrderEvent fact, string reason) => state.Status switch
    {
        OrderStatus.Charging => Change<bool>(true, fact, Cancelling(state, reason, chargeMayBeOut: false)),
        OrderStatus.Cancelling when state.LinesUndone => Change<bool>(true, fact, new OrderEvent.Cancelled()),
        _ => Change<bool>(true, fact),
    };

    private static OrderEvent.CancellingStarted? Refusal(OrderState state, ReserveOutcome?[] answers, DateTimeOffset now)
    {
        if (answers.Any(static answer => answer is null or { Status: ReserveStatus.DeadlinePassed }))
        {
            return Cancelling(state, OrderReason.ReserveTimeout);
        }

        var missing = state.Lines
            .Zip(answers, static (line, answer) => (line, answer: answer!))
            .Where(static pair => pair.answer.Status != ReserveStatus.Reserved)
            .ToArray();
        if (missing.Length > 0)
        {
            var unknown = Array.TrueForAll(missing, static pair => pair.answer.Status == ReserveStatus.UnknownProduct);
            var shortfalls = missing.Select(static pair => new Shortfall(
                pair.line.Sku,
                pair.line.Quantity,
                pair.answer.Available,
                pair.answer.Status == ReserveStatus.UnknownProduct ? OrderReason.UnknownProduct : OrderReason.InsufficientStock)).ToArray();
            return Cancelling(state, unknown ? OrderReason.UnknownProduct : OrderReason.InsufficientStock, shortfalls);
        }

        // The answer to a repeated reserve whose hold has ended meanwhile: the first one, without the price of then.
        if (answers.Any(answer => answer!.UnitPrice.Currency is null || answer.Reservation!.ExpiresAt <= now))
        {
            return Cancelling(state, OrderReason.HoldExpired);
        }

        return answers.Select(static answer => answer!.UnitPrice.Currency).Distinct().Count() > 1
            ? Cancelling(state, OrderReason.MixedCurrencies)
            : null;
    }

    private static OrderEvent.CancellingStarted Cancelling(
        OrderState state, string reason, Shortfall[]? shortfalls = null, bool chargeMayBeOut = false) =>
        new(state.Attempt, reason, shortfalls, chargeMayBeOut);

    private OrderEvent.ReservingStarted StartReserving(int attempt, DateTimeOffset now) =>
        new(attempt, (now + options.ReserveDeadline).ToUnixTimeMilliseconds());

    private OrderEvent.ChargingStarted StartCharging(int attempt, DateTimeOffset now) =>
        new(attempt, GiveUpChargeAt(now));

    private long GiveUpChargeAt(DateTimeOffset now) => (now + options.ChargeGiveUpAfter).ToUnixTimeMilliseconds();

    /// <summary>The last look is when the key's life at the gateway ends; null after it.</summary>
    private TimeSpan? NextLookAfter(DateTimeOffset since, DateTimeOffset now)
    {
        var (elapsed, last) = (now - since, options.GatewayKeyLifetime);
        if (elapsed >= last) return null;
        var next = options.FirstLookForLateCharge;
        while (next <= elapsed) next *= LateLookGrowth;
        return (next < last ? next : last) - elapsed;
    }

    /// <summary>Null when the total passes what a 64-bit integer holds.</summary>
    private static long? Total(PlacedLine[] lines, Money[] prices)
    {
        var total = Int128.Zero;
        for (var i = 0; i < lines.Length; i++) total += (Int128)lines[i].Quantity * prices[i].Amount;
        return total <= long.MaxValue ? (long)total : null;
    }
}
