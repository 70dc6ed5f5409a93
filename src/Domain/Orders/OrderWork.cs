using Holdfast.Contracts.Orders;

namespace Holdfast.Domain.Orders;

/// <summary>What an order has its steps do, by where it is; null when it is past that. Nothing is recorded: a step that comes again is told again.</summary>
public static class OrderWork
{
    /// <summary>Each further look for a charge that the gateway knew nothing of waits so many times as long: seven looks in a day.</summary>
    private const int LateLookGrowth = 4;

    /// <summary>A little less than products keep receipts.</summary>
    private static readonly TimeSpan ReceiptsSurelyKept = TimeSpan.FromHours(23);

    public static ReserveWork? Reserve(OrderState state, int attempt, OrderOptions options, DateTimeOffset now)
    {
        if (state.Status != OrderStatus.Reserving || state.Attempt != attempt) return null;
        var former = LinesOf(state, state.ReserveAttempts.Where(earlier => earlier != attempt));
        return new(LinesOf(state, attempt), former.Length > 0 ? On(state, former, now) : null, options.HoldTtl, state.ReserveDeadline)
        {
            Left = state.ReserveDeadline - now,
        };
    }

    public static LinesWork? Commit(OrderState state, int attempt, DateTimeOffset now) =>
        state.Status == OrderStatus.Completing && state.Attempt == attempt ? On(state, LinesOf(state, state.ReserveAttempts[^1]), now) : null;

    public static LinesWork? Undo(OrderState state, DateTimeOffset now) =>
        state is { Status: OrderStatus.Cancelling, LinesUndone: false }
            ? On(state, LinesOf(state, state.ReserveAttempts), now) with { LeaveWhatFails = state.LeavesWhatFails }
            : null;

    /// <summary>What was taken goes back, whatever the order costs.</summary>
    public static RefundWork? Refund(OrderState state) =>
        state.RefundIsDue ? new(state.PublicId, state.ChargeId!, state.Captured!.Value) : null;

    /// <summary>
    /// Whether a charge that the gateway knew nothing of is still looked for, also when the order has long ended: until the gateway has
    /// forgotten the key, it can come to capture it.
    /// </summary>
    public static LateChargeWork? LookAgain(OrderState state, int attempt, OrderOptions options, DateTimeOffset now) =>
        state.NeverCharged && state.NeverMade.Attempt == attempt
            ? new(state.PublicId, NextLookAfter(state.NeverMade.At, options, now))
            : null;

    private static LinesWork On(OrderState state, StepLine[] lines, DateTimeOffset now)
    {
        var lasting = now - state.PlacedAt > ReceiptsSurelyKept;
        return new(lines, lasting, lasting ? state.Worked(now) : null);
    }

    private static StepLine[] LinesOf(OrderState state, IEnumerable<int> attempts) => [.. attempts.SelectMany(attempt => LinesOf(state, attempt))];

    private static StepLine[] LinesOf(OrderState state, int attempt) =>
        Array.ConvertAll(state.Lines, line => new StepLine(line.Sku, line.Quantity, state.ReservationOf(line, attempt)));

    /// <summary>The last look is when the key's life at the gateway ends; null after it.</summary>
    private static TimeSpan? NextLookAfter(DateTimeOffset since, OrderOptions options, DateTimeOffset now)
    {
        var (elapsed, last) = (now - since, options.GatewayKeyLifetime);
        if (elapsed >= last) return null;
        var next = options.FirstLookForLateCharge;
        while (next <= elapsed) next *= LateLookGrowth;
        return (next < last ? next : last) - elapsed;
    }
}
