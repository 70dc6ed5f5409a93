using Holdfast.Domain.Orders;
using Holdfast.Outbox.Lanes;

namespace Holdfast.Silo.Settings;

/// <summary>
/// Times that an operator may set, and that must stay in order: each may be good by itself, and the two together be wrong.
/// docs/design/time.md explains them.
/// </summary>
internal static class TimeOrder
{
    private const string OrdersSection = HoldfastOptions.Section + ":Orders:";
    private const string OutboxSection = HoldfastOptions.Section + ":Outbox:";

    /// <exception cref="StartRefusedException">Two are out of order; the message says which, and why it matters.</exception>
    public static void Require(OrderOptions orders, OutboxOptions outbox)
    {
        RequireOfOutbox(orders, outbox);
        RequireOfOrders(orders);
        Shorter(
            Orders(nameof(orders.GatewayTimeout), orders.GatewayTimeout),
            Outbox(nameof(outbox.HandlerLease), outbox.HandlerLease),
            "a step whose call to the gateway is still under way must not be run a second time");
        Shorter(
            Outbox(nameof(outbox.MaxPaymentDelay), outbox.MaxPaymentDelay),
            Orders(nameof(orders.HoldTtl), orders.HoldTtl),
            "goods are held while a payment waits for its turn");
    }

    private static void RequireOfOutbox(OrderOptions orders, OutboxOptions outbox)
    {
        var first = Outbox(nameof(outbox.FirstBackoff), outbox.FirstBackoff);
        Shorter(first, Outbox(nameof(outbox.MaxBackoff), outbox.MaxBackoff), "the wait after a first failure is the shortest");
        Shorter(first, Outbox(nameof(outbox.MaxPutBack), outbox.MaxPutBack), "a message is put back for at least that long");
        Shorter(first, Outbox(nameof(outbox.MaxUnknownPutBack), outbox.MaxUnknownPutBack), "a message is put back for at least that long");
        Shorter(
            Outbox(nameof(outbox.MaxUnknownPutBack), outbox.MaxUnknownPutBack),
            Outbox(nameof(outbox.UnknownTypePatience), outbox.UnknownTypePatience),
            "a message of the next release has to be offered more than once");
        Shorter(
            Outbox(nameof(outbox.SecondReadAfter), outbox.SecondReadAfter),
            Outbox(nameof(outbox.SweepPeriod), outbox.SweepPeriod),
            "late commits of a lane's last owner are to be found before the next sweep");
        var deadline = Orders(nameof(orders.ReserveDeadline), orders.ReserveDeadline);
        Shorter(
            Outbox(nameof(outbox.MaxQueueDelay), outbox.MaxQueueDelay),
            deadline,
            "an order that is accepted has to reserve its goods before its deadline");
        Shorter(
            Outbox(nameof(outbox.MaxPutBack), outbox.MaxPutBack),
            deadline,
            "a step that was put back has to come again before its deadline");
    }

    private static void RequireOfOrders(OrderOptions orders)
    {
        var chargeIsOut = orders.ChargeSendWindow + orders.GatewayTimeout + orders.ChargeTravelTime;
        var keyLifetime = Orders(nameof(orders.GatewayKeyLifetime), orders.GatewayKeyLifetime);
        Shorter(
            ($"{OrdersSection}ChargeSendWindow + GatewayTimeout + ChargeTravelTime", chargeIsOut),
            Orders(nameof(orders.ChargeGiveUpAfter), orders.ChargeGiveUpAfter),
            "a charge that may still be on its way has not come to nothing");
        Shorter(
            Orders(nameof(orders.ChargeGiveUpAfter), orders.ChargeGiveUpAfter),
            keyLifetime,
            "the gateway has to know a charge by its key for as long as it is asked about it");
        Shorter(
            Orders(nameof(orders.FirstLookForLateCharge), orders.FirstLookForLateCharge),
            keyLifetime,
            "a late charge has to be looked for while the gateway knows its key");
        Shorter(
            Orders(nameof(orders.GatewayTimeout), orders.GatewayTimeout),
            Orders(nameof(orders.HoldMargin), orders.HoldMargin),
            "a charge has to be over before its goods are");
        Shorter(
            ($"{OrdersSection}ReserveDeadline + HoldMargin", orders.ReserveDeadline + orders.HoldMargin),
            Orders(nameof(orders.HoldTtl), orders.HoldTtl),
            "goods that were reserved at the last moment have to outlive their charge");
        Shorter(
            Orders(nameof(orders.SweepPeriod), orders.SweepPeriod),
            Orders(nameof(orders.SweepMargin), orders.SweepMargin),
            "the sweep has to look more than once before an order counts as stalled");
        Shorter(
            Orders(nameof(orders.SweepMargin), orders.SweepMargin),
            Orders(nameof(orders.StepGiveUpAfter), orders.StepGiveUpAfter),
            "the margin is a part of what it is added to");
        Shorter(
            Orders(nameof(orders.StepGiveUpAfter), orders.StepGiveUpAfter),
            Orders(nameof(orders.SweepLookBack), orders.SweepLookBack),
            "a silo that starts has to look at orders that stalled before it did");
    }

    private static (string Name, TimeSpan Time) Orders(string name, TimeSpan time) => (OrdersSection + name, time);

    private static (string Name, TimeSpan Time) Outbox(string name, TimeSpan time) => (OutboxSection + name, time);

    private static void Shorter((string Name, TimeSpan Time) one, (string Name, TimeSpan Time) other, string because)
    {
        if (one.Time <= other.Time) return;
        throw new StartRefusedException($"{one.Name} ({one.Time}) must not be longer than {other.Name} ({other.Time}): {because}.");
    }
}
