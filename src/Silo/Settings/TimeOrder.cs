using Holdfast.Domain.Orders;
using Holdfast.Outbox.Lanes;

namespace Holdfast.Silo.Settings;

/// <summary>
/// Times that an operator may set, and that must stay in order: each may be good by itself, and the two together be wrong.
/// docs/design/time.md explains them.
/// </summary>
internal static class TimeOrder
{
    /// <exception cref="StartRefusedException">Two are out of order; the message says which, and why it matters.</exception>
    public static void Require(OrderOptions orders, OutboxOptions outbox)
    {
        const string Orders = HoldfastOptions.Section + ":Orders:", Outbox = HoldfastOptions.Section + ":Outbox:";
        var chargeIsOut = orders.ChargeSendWindow + orders.GatewayTimeout + orders.ChargeTravelTime;

        Shorter(
            (Outbox + nameof(outbox.FirstBackoff), outbox.FirstBackoff),
            (Outbox + nameof(outbox.MaxBackoff), outbox.MaxBackoff),
            "the wait after a first failure is the shortest");
        Shorter(
            (Outbox + nameof(outbox.MaxQueueDelay), outbox.MaxQueueDelay),
            (Orders + nameof(orders.ReserveDeadline), orders.ReserveDeadline),
            "an order that is accepted has to reserve its goods before its deadline");
        Shorter(
            (Orders + nameof(orders.GatewayTimeout), orders.GatewayTimeout),
            (Outbox + nameof(outbox.HandlerLease), outbox.HandlerLease),
            "a step whose call to the gateway is still under way must not be run a second time");
        Shorter(
            ($"{Orders}ChargeSendWindow + GatewayTimeout + ChargeTravelTime", chargeIsOut),
            (Orders + nameof(orders.ChargeGiveUpAfter), orders.ChargeGiveUpAfter),
            "a charge that may still be on its way has not come to nothing");
        Shorter(
            (Orders + nameof(orders.ChargeGiveUpAfter), orders.ChargeGiveUpAfter),
            (Orders + nameof(orders.GatewayKeyLifetime), orders.GatewayKeyLifetime),
            "the gateway has to know a charge by its key for as long as it is asked about it");
        Shorter(
            ($"{Orders}ReserveDeadline + HoldMargin", orders.ReserveDeadline + orders.HoldMargin),
            (Orders + nameof(orders.HoldTtl), orders.HoldTtl),
            "goods that were reserved at the last moment have to outlive their charge");
    }

    private static void Shorter((string Name, TimeSpan Time) one, (string Name, TimeSpan Time) other, string because)
    {
        if (one.Time <= other.Time) return;
        throw new StartRefusedException($"{one.Name} ({one.Time}) must not be longer than {other.Name} ({other.Time}): {because}.");
    }
}
