using Holdfast.Contracts.Orders;
using Holdfast.Domain.Owner;
using static Holdfast.Domain.Owner.Decide<Holdfast.Domain.Orders.OrderEvent>;

namespace Holdfast.Domain.Orders;

/// <summary>
/// The rule that erases the text of an order: who it is for, what the shop said of it, and every note. What it sold for, and what became
/// of the money, stays. Only of an order that has ended and to which nothing can come any more: the erasure takes its messages with it.
/// </summary>
public sealed class OrderErasure(OrderOptions options)
{
    /// <summary>A repeat finds the text gone already, whoever erased it.</summary>
    public Decision<OrderEvent, EraseOrderOutcome> Erase(OrderState state, EraseOrder command, DateTimeOffset now)
    {
        if (!state.Exists) return Answer<EraseOrderOutcome>(new(EraseOrderStatus.NotFound));
        if (command.IfVersion is { } version && version != state.Version)
            return Answer<EraseOrderOutcome>(new(EraseOrderStatus.VersionMismatch));
        if (state.ErasedAt is not null) return Answer<EraseOrderOutcome>(new(EraseOrderStatus.Erased));
        if (!state.Ended) return Answer<EraseOrderOutcome>(new(EraseOrderStatus.NotEnded));
        if (state.RefundIsDue) return Answer<EraseOrderOutcome>(new(EraseOrderStatus.RefundIsDue));
        if (!IsSettled(state, now)) return Answer<EraseOrderOutcome>(new(EraseOrderStatus.ChargeMayCome, SettledAt: SettledAt(state)));

        var by = command.Operation.Id == Guid.Empty ? null : By(command);
        return Change<EraseOrderOutcome>(new(EraseOrderStatus.Erased), Tombstone(state) with { By = by });
    }

    /// <summary>The order has a message left by which a charge may still be found.</summary>
    public static Decision<OrderEvent, EraseOrderOutcome> ChargeMayCome(OrderState state, EraseOrder command, DateTimeOffset now) =>
        Answer<EraseOrderOutcome>(new(EraseOrderStatus.ChargeMayCome));

    /// <summary>By the clock no charge can come any more.</summary>
    public bool IsSettled(OrderState state, DateTimeOffset now) => SettledAt(state) is not { } settledAt || settledAt <= now;

    public static EraseOrderOutcome ErasedBefore(OrderState state, EraseOrder command, Receipt? first) =>
        first is not null && AskedVerbs.Has(state.Asked, By(command))
            ? new(EraseOrderStatus.Erased, Replayed: true)
            : new(EraseOrderStatus.KeyReused);

    private static AskedBy By(EraseOrder command) => new(AskedBy.Erase, command.Operation.Id, command.Operation.Fingerprint);

    /// <summary>
    /// When the last look for a charge that the gateway knew nothing of is surely behind the order; null when there is none. The look's
    /// message is due when the key's life at the gateway ends, and is then tried for as long as any step.
    /// </summary>
    private DateTimeOffset? SettledAt(OrderState state) =>
        state.NeverCharged ? state.NeverMade.At + options.GatewayKeyLifetime + options.StepGiveUpAfter : null;

    /// <summary>Of what was asked not even a hash stays: whoever guesses a name must not find it confirmed here.</summary>
    private static OrderEvent.Erased Tombstone(OrderState state) => new(
        state.Operation, state.Status, state.Payment, state.Attempt, state.PlacedAt.ToUnixTimeMilliseconds(), state.Lines)
    {
        Prices = state.Prices.Length > 0 ? state.Prices : null,
        Total = state.Total,
        ChargeId = state.ChargeId,
        Captured = state.Captured,
        Attempts = [.. state.PaymentAttempts.Select(ErasedAttempt.From)],
        Reason = state.Reason,
        CancelReason = state.CancelReason,
        Shortfalls = state.Shortfalls.Length > 0 ? state.Shortfalls : null,
        Left = state.Detail is { } detail && detail == state.DetailOfLeft ? state.Left : null,
        Known = [.. state.Asked.Select(static by => by with { Fingerprint = 0, Note = null })],
        Fences = state.Fences,
    };
}
