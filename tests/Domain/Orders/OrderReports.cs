using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Tests.Domain.Owner;

namespace Holdfast.Tests.Domain.Orders;

/// <summary>One order of two lines, and everything that can be reported to it, each under a short name.</summary>
internal sealed class OrderReports
{
    public static readonly OrderOptions Options = new();

    public static readonly PlaceOrder Placing = new(
        new(new("00000001-0000-0000-0000-000000000000"), 7), "customer-1", [new("sku-1", 2), new("sku-2", 3)], "tok_ok");

    private static readonly OrderRules Rules = new(Options);
    private static readonly OrderVerbs Verbs = new(Options);

    private static readonly Dictionary<string, Func<OrderReports, object>> Known = new()
    {
        ["reserved"] = static order => order.Reserved(order.Held("sku-1", 100), order.Held("sku-2", 10)),
        ["reserved of an older attempt"] = static order => order.Stream.Decide(
            Rules.Reserved, (order.State.Attempt - 1, new ReserveOutcome?[] { order.Held("sku-1", 100), order.Held("sku-2", 10) })),
        ["refused"] = static order => order.Reserved(order.Held("sku-1", 100), new(ReserveStatus.InsufficientStock, Available: 1)),
        ["ask to charge"] = static order => order.Stream.Decide(Rules.AskToCharge, false).Kind,
        ["ask to charge, maybe out"] = static order => order.Stream.Decide(Rules.AskToCharge, true).Kind,
        ["captured"] = static order => order.Stream.Decide(OrderRules.Captured, ("ch_1", default(Money))),
        ["captured at another price"] = static order => order.Stream.Decide(OrderRules.Captured, ("ch_1", new Money(7, "EUR"))),
        ["declined"] = static order => order.Stream.Decide(OrderRules.Declined, "no funds"),
        ["never charged"] = static order => order.Stream.Decide(Rules.NeverCharged, order.State.Attempt),
        ["ask to look again"] = static order => order.Stream.Read((state, now) => OrderWork.LookAgain(state, order.State.NeverMade.Attempt, Options, now)) is null ? "Nothing" : "Look",
        ["committed"] = static order => order.Stream.Decide(OrderRules.Committed, (order.State.Attempt, true)),
        ["committed in part"] = static order => order.Stream.Decide(OrderRules.Committed, (order.State.Attempt, false)),
        ["committed of an older attempt"] = static order => order.Stream.Decide(OrderRules.Committed, (order.State.Attempt - 1, true)),
        ["undone"] = static order => order.Stream.Decide(OrderRules.Undone, order.State.Attempt),
        ["refunded"] = static order => order.Stream.Decide<StepReport>(OrderRules.Refunded),
        ["cancel"] = static order => order.Cancel(CancelReason.Customer),
        ["park"] = static order => order.Stream.Decide(OrderRules.Park, ("a step", order.State.Attempt, OrderReason.StepFailed, "broken")),
        ["park of an older attempt"] = static order => order.Stream.Decide(
            OrderRules.Park, ("a step", order.State.Attempt - 1, OrderReason.StepFailed, "broken")),
        ["retry"] = static order => order.Stream.Decide(Verbs.Resolve, OperatorVerb.Retry),
        ["compensate"] = static order => order.Stream.Decide(Verbs.Resolve, OperatorVerb.Compensate),
        ["complete"] = static order => order.Stream.Decide(Verbs.Resolve, OperatorVerb.Complete),
    };

    public static IReadOnlyCollection<string> Names => Known.Keys;

    public PlayedStream<OrderState, OrderEvent> Stream { get; } = new(OrderKind.Instance, "ord_1");

    public OrderState State => Stream.State;

    public static OrderReports Placed()
    {
        var order = new OrderReports();
        order.Stream.Place(Rules, Placing);
        return order;
    }

    public static OrderReports After(IEnumerable<string> reports)
    {
        var order = Placed();
        foreach (var report in reports) order.Report(report);
        return order;
    }

    public object Report(string name) => Known[name](this);

    public object Reserved(params ReserveOutcome?[] answers) => Stream.Decide(Rules.Reserved, (State.Attempt, answers));

    public PlaceOrderOutcome Place(PlaceOrder command) => Stream.Place(Rules, command);

    public OrderVerbOutcome Ask(AskedBy by, OperatorVerb verb) => Stream.Ask(new(by, (state, now) => Verbs.Resolve(state, verb, now)));

    public OrderVerbStatus Cancel(CancelReason reason) =>
        Stream.Decide<OrderVerbStatus>((state, now) => OrderVerbs.Cancel(state, reason, now));

    public LateChargeWork? AskToLookAgain(int attempt) => Stream.Read((state, now) => OrderWork.LookAgain(state, attempt, Options, now));

    public ChargePermit AskToCharge(bool mayBeOut) => Stream.Decide(Rules.AskToCharge, mayBeOut);

    public ReserveOutcome Held(string sku, long price, string currency = "EUR") => new(
        ReserveStatus.Reserved,
        new(Guid.Empty, sku, 1, ReservationStatus.Reserved, Stream.Now + Options.HoldTtl),
        new(price, currency));

    public string Events => string.Join(" ", Stream.Events.Select(static @event => @event.GetType().Name));

    /// <summary>Everything of the state that a rule looks at but times and attempts.</summary>
    public string Where =>
        State.Status
        + (State.Status == OrderStatus.NeedsAttention ? $" from {State.ParkedFrom}" : "")
        + $", {State.Payment}"
        + (State.Payment == PaymentStatus.Captured && !State.IsPaid ? " at another price" : "")
        + (State.LinesUndone && !State.Ended ? ", undone" : "")
        + (State.NeverCharged ? ", never charged" : "");
}
