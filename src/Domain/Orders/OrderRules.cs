using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Owner;
using static Holdfast.Domain.Orders.OrderStarts;
using static Holdfast.Domain.Owner.Decide<Holdfast.Domain.Orders.OrderEvent>;

namespace Holdfast.Domain.Orders;

/// <summary>
/// The rules of an order: what each answer of a step leads to, from whatever state it finds. Capture is the point of no return:
/// before it the order can be cancelled, after it the order is completed, or undone with a refund. Every step's answer may come
/// twice, late, or after the order has ended.
/// </summary>
public sealed class OrderRules(OrderOptions options)
{
    public Decision<OrderEvent, PlaceOrderOutcome> Place(OrderState state, PlaceOrder command, DateTimeOffset now)
    {
        if (state.Exists) return Answer<PlaceOrderOutcome>(new(PlaceOrderStatus.KeyReused));
        var lines = command.Lines.Select(static line => new PlacedLine(line.Sku, line.Quantity)).ToArray();
        return Change<PlaceOrderOutcome>(
            new(PlaceOrderStatus.Placed),
            new OrderEvent.Placed(command.Operation.Id, command.Operation.Fingerprint, command.CustomerId, lines)
            {
                Secret = command.PaymentToken,
                Reference = command.Reference,
                Metadata = OrderText.Stored(command.Metadata),
            },
            StartReserving(1, options, now));
    }

    public static PlaceOrderOutcome PlacedBefore(OrderState state, PlaceOrder command, Receipt? first) =>
        first is null ? new(PlaceOrderStatus.KeyReused) : new(PlaceOrderStatus.Placed, Replayed: true);

    /// <param name="state">The order.</param>
    /// <param name="answers">One for each line; null where a product did not answer before the deadline.</param>
    /// <param name="now">The stream's time.</param>
    public Decision<OrderEvent, StepReport> Reserved(OrderState state, (int Attempt, ReserveOutcome?[] Answers) answers, DateTimeOffset now)
    {
        if (state.Status != OrderStatus.Reserving || state.Attempt != answers.Attempt) return Answer(StepReport.Stale);
        var refused = Refusal(state, answers.Answers, now);
        if (refused is not null) return Change(StepReport.Recorded, refused);
        var prices = answers.Answers.Select(static answer => answer!.UnitPrice).ToArray();
        var total = Total(state.Lines, prices);
        if (total is null) return Change(StepReport.Recorded, StartCancelling(state, OrderReason.TotalTooLarge));
        var heldUntil = answers.Answers.Min(static answer => answer!.Reservation!.ExpiresAt);
        var reserved = new OrderEvent.LinesReserved(
            [.. prices.Select(static price => price.Amount)], prices[0].Currency, total.Value, heldUntil.ToUnixTimeMilliseconds());

        // Nothing is to be paid, so nobody is asked for it, and no bank can decline it.
        return total == 0
            ? Change(StepReport.Recorded, reserved, new OrderEvent.CompletingStarted(state.Attempt))
            : Change(StepReport.Recorded, reserved, StartCharging(state.Attempt, options, now));
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
                    new(ChargePermitKind.FindOnly, work), StartCancelling(state, OrderReason.HoldExpired, chargeMayBeOut: true));
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
    public static Decision<OrderEvent, StepReport> Captured(OrderState state, (string Id, Money Amount) charge, DateTimeOffset now)
    {
        if (!state.Exists || state.Total is null || state.Payment is PaymentStatus.Captured or PaymentStatus.Refunded) return Answer(StepReport.Stale);
        var amount = charge.Amount.Currency is null ? state.Total.Value : charge.Amount;
        var captured = new OrderEvent.PaymentCaptured(charge.Id, amount.Amount, amount.Currency);
        return state.Status switch
        {
            OrderStatus.Charging when amount == state.Total =>
                Change(StepReport.Recorded, captured, new OrderEvent.CompletingStarted(state.Attempt)),
            OrderStatus.NeedsAttention => Change(StepReport.Recorded, captured),

            // A retry after "never made" is at it again, at other prices perhaps, when the capture shows up after all. The gateway takes
            // no second charge of an order, so there is nothing to go on to.
            OrderStatus.Charging or OrderStatus.Reserving => Change(
                StepReport.Recorded, captured, StartCancelling(state, OrderReason.PaymentLate), new OrderEvent.RefundStarted(state.Attempt)),
            _ => Change(StepReport.Recorded, captured, new OrderEvent.RefundStarted(state.Attempt)),
        };
    }

    public static Decision<OrderEvent, StepReport> Declined(OrderState state, string reason, DateTimeOffset now)
    {
        if (state.Payment != PaymentStatus.Pending) return Answer(StepReport.Stale);
        return AfterNoPayment(state, new OrderEvent.PaymentDeclined(reason), OrderReason.PaymentDeclined);
    }

    /// <summary>No capture of this attempt or an earlier one is on its way, and the gateway knows of none. A later attempt may be out.</summary>
    public Decision<OrderEvent, StepReport> NeverCharged(OrderState state, int attempt, DateTimeOffset now)
    {
        if (state.Payment != PaymentStatus.Pending || state.Attempt != attempt) return Answer(StepReport.Stale);
        var lookAgainAt = (now + options.FirstLookForLateCharge).ToUnixTimeMilliseconds();
        return AfterNoPayment(state, new OrderEvent.PaymentNeverMade(lookAgainAt), OrderReason.PaymentTimeout);
    }

    public static Decision<OrderEvent, StepReport> Committed(OrderState state, (int Attempt, bool All) lines, DateTimeOffset now)
    {
        if (state.Status != OrderStatus.Completing || state.Attempt != lines.Attempt) return Answer(StepReport.Stale);
        if (lines.All) return Change(StepReport.Recorded, new OrderEvent.Completed());
        var cancelling = StartCancelling(state, OrderReason.HoldExpired);
        return state.Payment == PaymentStatus.Captured
            ? Change(StepReport.Recorded, cancelling, new OrderEvent.RefundStarted(state.Attempt))
            : Change(StepReport.Recorded, cancelling);
    }

    public static Decision<OrderEvent, StepReport> Undone(OrderState state, int attempt, DateTimeOffset now) =>
        state is { Status: OrderStatus.Cancelling, LinesUndone: false } ? Undone(state, new OrderEvent.LinesUndone()) : Answer(StepReport.Stale);

    /// <summary>Only an operator who has seen it fail can have a line left as it is.</summary>
    public static Decision<OrderEvent, StepReport> UndoneExcept(OrderState state, (int Attempt, string[] Skus) left, DateTimeOffset now)
    {
        var mayLeave = state is { Status: OrderStatus.Cancelling, LinesUndone: false, LeavesWhatFails: true } && state.Attempt == left.Attempt;
        return mayLeave ? Undone(state, new OrderEvent.LinesUndone(left.Skus)) : Answer(StepReport.Stale);
    }

    public static Decision<OrderEvent, StepReport> Refunded(OrderState state, DateTimeOffset now)
    {
        if (!state.RefundIsDue) return Answer(StepReport.Stale);
        return state.Status == OrderStatus.Cancelling && state.LinesUndone
            ? Change(StepReport.Recorded, new OrderEvent.PaymentRefunded(), new OrderEvent.Cancelled())
            : Change(StepReport.Recorded, new OrderEvent.PaymentRefunded());
    }

    /// <summary>Said once a refund: its step goes on trying.</summary>
    public static Decision<OrderEvent, StepReport> RefundFails(OrderState state, string detail, DateTimeOffset now) =>
        state is { RefundIsDue: true, RefundFailure: null } ? Change(StepReport.Recorded, new OrderEvent.RefundFailing(detail)) : Answer(StepReport.Stale);

    /// <summary>A step was given up: the order waits for an operator, in whatever state it is.</summary>
    public static Decision<OrderEvent, StepReport> Park(OrderState state, (string Step, int Attempt, string Reason, string Detail) failure, DateTimeOffset now)
    {
        var stale = state.Ended || state.Status == OrderStatus.NeedsAttention || state.Attempt != failure.Attempt;
        return stale
            ? Answer(StepReport.Stale)
            : Change(StepReport.Recorded, new OrderEvent.Parked(failure.Step, failure.Reason, failure.Detail));
    }

    private static Decision<OrderEvent, StepReport> Undone(OrderState state, OrderEvent undone) =>
        state.PaymentSettled ? Change(StepReport.Recorded, undone, new OrderEvent.Cancelled()) : Change(StepReport.Recorded, undone);

    private static Decision<OrderEvent, StepReport> AfterNoPayment(OrderState state, OrderEvent fact, string reason) => state.Status switch
    {
        OrderStatus.Charging => Change(StepReport.Recorded, fact, StartCancelling(state, reason, chargeMayBeOut: false)),
        OrderStatus.Cancelling when state.LinesUndone => Change(StepReport.Recorded, fact, new OrderEvent.Cancelled()),
        _ => Change(StepReport.Recorded, fact),
    };

    private static OrderEvent.CancellingStarted? Refusal(OrderState state, ReserveOutcome?[] answers, DateTimeOffset now)
    {
        if (answers.Any(static answer => answer is null or { Status: ReserveStatus.DeadlinePassed }))
        {
            return StartCancelling(state, OrderReason.ReserveTimeout);
        }

        var missing = state.Lines
            .Zip(answers, static (line, answer) => (line, answer: answer!))
            .Where(static pair => pair.answer.Status != ReserveStatus.Reserved)
            .ToArray();
        if (missing.Length > 0)
        {
            var shortfalls = missing.Select(static pair => new Shortfall(
                pair.line.Sku, pair.line.Quantity, pair.answer.Available, WhyMissing(pair.answer.Status))).ToArray();

            // One that they have in common says all; else some of it could have been sold, were there more.
            var reasons = shortfalls.Select(static shortfall => shortfall.Reason!).Distinct().ToArray();
            return StartCancelling(state, reasons is [var common] ? common : OrderReason.InsufficientStock, shortfalls);
        }

        // The answer to a repeated reserve whose hold has ended meanwhile: the first one, without the price of then.
        if (answers.Any(answer => answer!.UnitPrice.Currency is null || answer.Reservation!.ExpiresAt <= now))
        {
            return StartCancelling(state, OrderReason.HoldExpired);
        }

        return answers.Select(static answer => answer!.UnitPrice.Currency).Distinct().Count() > 1
            ? StartCancelling(state, OrderReason.MixedCurrencies)
            : null;
    }

    private static string WhyMissing(ReserveStatus refusal) => refusal switch
    {
        ReserveStatus.UnknownProduct => OrderReason.UnknownProduct,
        ReserveStatus.Archived => OrderReason.Archived,
        _ => OrderReason.InsufficientStock,
    };

    /// <summary>Null when the total passes what an answer can say exactly.</summary>
    private static long? Total(PlacedLine[] lines, Money[] prices)
    {
        var total = Int128.Zero;
        for (var i = 0; i < lines.Length; i++) total += (Int128)lines[i].Quantity * prices[i].Amount;
        return total <= Limits.WholeNumber ? (long)total : null;
    }
}
