using Holdfast.Contracts;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Owner;
using static Holdfast.Domain.Orders.OrderStarts;
using static Holdfast.Domain.Owner.Decide<Holdfast.Domain.Orders.OrderEvent>;

namespace Holdfast.Domain.Orders;

/// <summary>The rules of what a customer or an operator asks of an order: cancel, retry, compensate, complete, resume.</summary>
public sealed class OrderVerbs(OrderOptions options)
{
    /// <summary>How often an order can be described: its whole history is read when it is loaded.</summary>
    public const int MaxDescriptions = 1_000;

    /// <summary>
    /// A verb that was accepted under a key is accepted again under it, whatever the order has become since. What a verb does is recorded
    /// together with its key; one that was refused, or found nothing to do, is decided afresh.
    /// </summary>
    public static Decision<OrderEvent, OrderVerbOutcome> Decide(OrderState state, AskedVerb asked, DateTimeOffset now)
    {
        var (status, events) = asked.Verb(state, now);
        if (asked.By.Operation != Guid.Empty && events.Length > 0) events[0] = events[0] with { By = asked.By };
        return Change<OrderVerbOutcome>(new(status), events);
    }

    public static OrderVerbOutcome AcceptedBefore(OrderState state, AskedVerb asked, Receipt? first) =>
        first is not null && AskedVerbs.Has(state.Asked, asked.By)
            ? new(OrderVerbStatus.Accepted, Replayed: true)
            : new(OrderVerbStatus.KeyReused);

    /// <summary>
    /// Honoured until the payment is captured. A cancel while charging always settles with the gateway. The permit to charge is not
    /// stored, so only the activation that granted it knows of it. While silos join or leave, a second activation may have loaded the
    /// order at that step, and may still grant one. A permit that is stored would cost every order an append, to end these few sooner.
    /// </summary>
    public static Decision<OrderEvent, OrderVerbStatus> Cancel(OrderState state, CancelReason why, DateTimeOffset now)
    {
        if (!state.Exists) return Answer(OrderVerbStatus.NotFound);
        if (state.ErasedAt is not null) return Answer(OrderVerbStatus.Erased);
        var reason = CodeOf(why);
        switch (state.Status)
        {
            case OrderStatus.Placed or OrderStatus.Reserving:
                return Change(OrderVerbStatus.Accepted, StartCancelling(state, reason));
            case OrderStatus.Charging:
                return Change(OrderVerbStatus.Accepted, StartCancelling(state, reason, chargeMayBeOut: true));
            case OrderStatus.Cancelling or OrderStatus.Cancelled:
            case OrderStatus.NeedsAttention when state.ParkedFrom == OrderStatus.Cancelling:
                return Answer(OrderVerbStatus.Accepted);
            case OrderStatus.NeedsAttention when state.Payment is PaymentStatus.None or PaymentStatus.Declined:
                return Change(OrderVerbStatus.Accepted, StartCancelling(state, reason));
            case OrderStatus.NeedsAttention when state.Payment == PaymentStatus.Pending:
                return Answer(OrderVerbStatus.NeedsAttention);
            default:
                return Answer(OrderVerbStatus.AlreadyCharged);
        }
    }

    private static string CodeOf(CancelReason why) => why switch
    {
        CancelReason.Fraud => OrderReason.CancelledForFraud,
        CancelReason.Inventory => OrderReason.CancelledForInventory,
        CancelReason.Other => OrderReason.CancelledForOther,
        _ => OrderReason.CancelledByCustomer,
    };

    /// <summary>In whatever state the order is: nothing follows from what the shop says of it.</summary>
    public static Decision<OrderEvent, DescribeOrderOutcome> Describe(OrderState state, DescribeOrder command, DateTimeOffset now)
    {
        if (!state.Exists) return Answer<DescribeOrderOutcome>(new(DescribeOrderStatus.NotFound));
        if (command.IfVersion is { } version && version != state.Version)
            return Answer<DescribeOrderOutcome>(new(DescribeOrderStatus.VersionMismatch));
        if (state.ErasedAt is not null) return Answer<DescribeOrderOutcome>(new(DescribeOrderStatus.Erased));
        var text = state.Text.With(command);
        if (text.Metadata?.Count > Limits.MetadataEntries) return Answer<DescribeOrderOutcome>(new(DescribeOrderStatus.TooManyEntries));

        // What says nothing new leaves no trace, unless it has a key: its repeat is to be known.
        var keyed = command.Operation.Id != Guid.Empty;
        if (!keyed && text.Says(state.Text)) return Answer<DescribeOrderOutcome>(new(DescribeOrderStatus.Described));
        if (state.Descriptions >= MaxDescriptions) return Answer<DescribeOrderOutcome>(new(DescribeOrderStatus.TooOften));
        var by = keyed ? new AskedBy(AskedBy.Describe, command.Operation.Id, command.Operation.Fingerprint) : null;
        return Change<DescribeOrderOutcome>(
            new(DescribeOrderStatus.Described), new OrderEvent.Described(text.Reference, text.Metadata) { By = by });
    }

    public static DescribeOrderOutcome DescribedBefore(OrderState state, DescribeOrder command, Receipt? first) =>
        first is not null && AskedVerbs.Has(state.Asked, new(AskedBy.Describe, command.Operation.Id, command.Operation.Fingerprint))
            ? new(DescribeOrderStatus.Described, Replayed: true)
            : new(DescribeOrderStatus.KeyReused);

    public Decision<OrderEvent, OrderVerbStatus> Resolve(OrderState state, OperatorVerb verb, DateTimeOffset now)
    {
        if (!state.Exists) return Answer(OrderVerbStatus.NotFound);

        // A charge that came after all is given back, whatever is left of the order.
        if (state is { ErasedAt: not null, RefundIsDue: false }) return Answer(OrderVerbStatus.Erased);
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

    /// <summary>The same, when nobody asked for it: the order was found to stand still.</summary>
    public static Decision<OrderEvent, StepReport> ResumeUnasked(OrderState state, DateTimeOffset now)
    {
        var (status, events) = Resume(state);
        return Change(status == OrderVerbStatus.Accepted ? StepReport.Recorded : StepReport.Stale, events);
    }

    /// <summary>The steps without which the order does not go on. One that waits for an operator still gives back what is due.</summary>
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

        if (state.RefundIsDue && !HasGivenUpRefund(state)) yield return StepType.Refund;
    }

    /// <summary>It failed for a reason that somebody should see before it is tried again.</summary>
    private static bool HasGivenUpRefund(OrderState state) =>
        state is { Status: OrderStatus.NeedsAttention, ParkedStep: StepType.Refund };

    private OrderEvent[] Again(OrderState state, int attempt, DateTimeOffset now) => state.ParkedFrom switch
    {
        OrderStatus.Charging when state.Payment == PaymentStatus.Pending => [StartCharging(attempt, options, now)],
        OrderStatus.Charging when state.IsPaid => Completion(state, attempt),
        OrderStatus.Completing => Completion(state, attempt),
        OrderStatus.Cancelling => Compensation(state, attempt, state.CancelReason!, false, now),
        _ when state.Payment == PaymentStatus.Captured => Compensation(state, attempt, OrderReason.PaymentLate, false, now),
        _ => [StartReserving(attempt, options, now)],
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
            PaymentStatus.Pending => [cancelling, new OrderEvent.SettlingStarted(attempt, GiveUpChargeAt(options, now))],
            _ => [cancelling],
        };
    }
}
