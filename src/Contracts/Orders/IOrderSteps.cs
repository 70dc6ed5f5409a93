using Holdfast.Contracts.Inventory;

namespace Holdfast.Contracts.Orders;

/// <summary>
/// What the steps ask of, and report to, the owner of their order. Each question is asked again by every delivery, so a step that
/// comes twice or late finds nothing to do; each report is decided by the state it finds.
/// </summary>
[Alias("holdfast.IOrderSteps")]
public interface IOrderSteps : IGrainWithStringKey
{
    /// <summary>The lines to reserve, or null when the order is past reserving.</summary>
    [Alias("AskToReserve")]
    ValueTask<ReserveWork?> AskToReserve(int attempt);

    /// <param name="attempt">Of the step.</param>
    /// <param name="answers">One for each line; null where a product did not answer before the deadline.</param>
    [Alias("Reserved")]
    ValueTask<StepReport> Reserved(int attempt, ReserveOutcome?[] answers);

    [Alias("AskToCharge")]
    ValueTask<ChargePermit> AskToCharge();

    /// <param name="chargeId">The gateway's id of the charge.</param>
    /// <param name="amount">What was captured; without a currency, as an earlier release reports it, the order's total.</param>
    [Alias("Captured")]
    ValueTask<StepReport> Captured(string chargeId, Money amount = default);

    [Alias("Declined")]
    ValueTask<StepReport> Declined(string reason);

    [Alias("NeverCharged")]
    ValueTask<StepReport> NeverCharged(int attempt);

    /// <summary>The charge to look for once more, or null when the order knows what became of it.</summary>
    [Alias("AskToLookAgain")]
    ValueTask<LateChargeWork?> AskToLookAgain(int attempt);

    /// <summary>The lines to commit, or null when the order is not at that step.</summary>
    [Alias("AskToCommit")]
    ValueTask<LinesWork?> AskToCommit(int attempt);

    [Alias("Committed")]
    ValueTask<StepReport> Committed(int attempt, bool all);

    /// <summary>The lines to undo, or null when there is nothing to undo.</summary>
    [Alias("AskToUndo")]
    ValueTask<LinesWork?> AskToUndo(int attempt);

    [Alias("Undone")]
    ValueTask<StepReport> Undone(int attempt);

    /// <summary>All but these are undone, and an operator wants the order ended without them.</summary>
    [Alias("UndoneExcept")]
    ValueTask<StepReport> UndoneExcept(int attempt, string[] skus);

    /// <summary>The refund to make, or null when there is none.</summary>
    [Alias("AskToRefund")]
    ValueTask<RefundWork?> AskToRefund();

    [Alias("Refunded")]
    ValueTask<StepReport> Refunded();

    /// <summary>The refund has failed for long, and goes on being tried: somebody should look.</summary>
    [Alias("RefundFails")]
    ValueTask<StepReport> RefundFails(string detail);

    /// <summary>The step was given up: the order needs attention.</summary>
    [Alias("Park")]
    ValueTask<StepReport> Park(string step, int attempt, string reason, string detail);

    /// <summary>Nothing is there that would move the order: it sends itself the messages that it waits for. Stale when it waits for none.</summary>
    [Alias("Resume")]
    ValueTask<StepReport> Resume();
}

/// <summary>What a report of a step has led to.</summary>
public enum StepReport
{
    /// <summary>Nothing: the order is past it.</summary>
    Stale = 0,

    /// <summary>It is recorded, and what follows from it.</summary>
    Recorded = 1,
}

/// <param name="Former">Reservations of earlier attempts, to be undone first.</param>
/// <param name="Deadline">No reserve is executed after it.</param>
[GenerateSerializer, Immutable, Alias("holdfast.ReserveWork")]
public sealed record ReserveWork(
    [property: Id(0)] StepLine[] Lines,
    [property: Id(1)] LinesWork? Former,
    [property: Id(2)] TimeSpan HoldTtl,
    [property: Id(3)] DateTimeOffset Deadline)
{
    /// <summary>How far away that is; null from an earlier release.</summary>
    [Id(4)]
    public TimeSpan? Left { get; init; }
}

/// <param name="Lasting">The order is so old that its reservations may have left the products' receipts.</param>
/// <param name="Within">Then: when the order had its lines worked on, oldest first.</param>
/// <param name="LeaveWhatFails">A line that cannot be undone is left, and named, instead of being put before an operator again.</param>
[GenerateSerializer, Immutable, Alias("holdfast.LinesWork")]
public sealed record LinesWork(
    [property: Id(0)] StepLine[] Lines,
    [property: Id(1)] bool Lasting,
    [property: Id(2)] TimeRange[]? Within = null,
    [property: Id(3)] bool LeaveWhatFails = false);

[GenerateSerializer, Immutable, Alias("holdfast.StepLine")]
public readonly record struct StepLine([property: Id(0)] string Sku, [property: Id(1)] long Quantity, [property: Id(2)] Guid Reservation);

[GenerateSerializer, Immutable, Alias("holdfast.RefundWork")]
public sealed record RefundWork([property: Id(0)] string OrderId, [property: Id(1)] string ChargeId, [property: Id(2)] Money Amount);

/// <param name="LookAgainAfter">When nothing is found; null: never, the gateway's key is forgotten.</param>
[GenerateSerializer, Immutable, Alias("holdfast.LateChargeWork")]
public sealed record LateChargeWork([property: Id(0)] string OrderId, [property: Id(1)] TimeSpan? LookAgainAfter);

public enum ChargePermitKind
{
    /// <summary>There is nothing to charge: the order went another way, or the answer is known.</summary>
    Nothing = 0,
    Charge = 1,

    /// <summary>Ask what became of an earlier charge; send none.</summary>
    FindOnly = 2,
}

/// <param name="SendBy">A charge that has not been sent by then must not be sent: ask again.</param>
/// <param name="QuietAt">From this moment on no earlier charge can still be on its way.</param>
[GenerateSerializer, Immutable, Alias("holdfast.ChargePermit")]
public sealed record ChargePermit(
    [property: Id(0)] ChargePermitKind Kind,
    [property: Id(1)] ChargeWork? Work = null,
    [property: Id(2)] DateTimeOffset SendBy = default,
    [property: Id(3)] DateTimeOffset QuietAt = default);

/// <param name="GiveUpAt">An outcome still unknown then needs attention.</param>
[GenerateSerializer, Immutable, Alias("holdfast.ChargeWork")]
public sealed record ChargeWork(
    [property: Id(0)] string OrderId,
    [property: Id(1)] Money Amount,
    [property: Id(2)] string PaymentToken,
    [property: Id(3)] int Attempt,
    [property: Id(4)] DateTimeOffset GiveUpAt);
