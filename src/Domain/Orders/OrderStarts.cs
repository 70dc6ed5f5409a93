using Holdfast.Contracts.Orders;

namespace Holdfast.Domain.Orders;

/// <summary>The events with which a part of an order's life begins, as rules and verbs record them.</summary>
internal static class OrderStarts
{
    public static OrderEvent.ReservingStarted StartReserving(int attempt, OrderOptions options, DateTimeOffset now) =>
        new(attempt, (now + options.ReserveDeadline).ToUnixTimeMilliseconds());

    public static OrderEvent.ChargingStarted StartCharging(int attempt, OrderOptions options, DateTimeOffset now) =>
        new(attempt, GiveUpChargeAt(options, now));

    public static OrderEvent.CancellingStarted StartCancelling(
        OrderState state, string reason, Shortfall[]? shortfalls = null, bool chargeMayBeOut = false) =>
        new(state.Attempt, reason, shortfalls, chargeMayBeOut);

    /// <summary>When the outcome of a charge that is sent now is given up, Unix milliseconds.</summary>
    public static long GiveUpChargeAt(OrderOptions options, DateTimeOffset now) => (now + options.ChargeGiveUpAfter).ToUnixTimeMilliseconds();
}
