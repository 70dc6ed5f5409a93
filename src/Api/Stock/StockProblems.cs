using Holdfast.Api.Http.Problems;
using Holdfast.Api.Shop;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Api.Stock;

internal static class StockProblems
{
    public static readonly ProblemMember<long> OnHand = new("onHand", "Units physically there.");
    public static readonly ProblemMember<long> Reserved = new("reserved", "Units held.");

    public static readonly ProblemKind BelowReserved = new("stock_below_reserved", 409, "On hand would fall below what is reserved")
    {
        Members = [ProductOwner.Available, OnHand, Reserved],
    };

    public static readonly ProblemKind VersionMismatch = ProblemKind.VersionMismatch with
    {
        Members = [ProblemMember.CurrentVersion, ProductOwner.Available, OnHand, Reserved],
    };

    /// <summary>412: something was sold, returned, counted or received since.</summary>
    public static Problem Moved(StockLevel stock) =>
        VersionMismatch.With("What is on hand has changed since it was counted: read the stock, count again, and send its new version.")
            .And(ProblemMember.CurrentVersion, stock.Version)
            .AndStock(stock.OnHand, stock.Reserved);

    /// <summary>With what is there now.</summary>
    public static Problem AndStock(this Problem problem, long onHand, long reserved) =>
        problem.And(ProductOwner.Available, onHand - reserved).And(OnHand, onHand).And(Reserved, reserved);

    public static readonly ProblemKind NoMovement = new("movement_not_found", 404, "The product has no such movement");

    public static readonly ProblemMember<DateTimeOffset> Now = new("now", "The product's own time.");
    public static readonly ProblemMember<DateTimeOffset> Earliest = new("earliest", "Since when it can have been so.");
    public static readonly ProblemMember<long> OldestSequence = new("oldestSequence", "The lowest number that can still be used.");
    public static readonly ProblemMember<long> MovementVersion = new("movementVersion", "The line of the ledger that used the number.");

    public static readonly ProblemKind EffectiveInFuture =
        new("effective_in_future", 409, "A correction cannot hold since a time to come") { Members = [Now] };

    public static readonly ProblemKind EffectiveTooEarly =
        new("effective_too_early", 409, "A correction cannot reach back so far") { Members = [Earliest] };

    public static readonly ProblemKind SequenceTooOld =
        new("sequence_too_old", 409, "The source's number is below those that are remembered") { Members = [OldestSequence] };

    public static readonly ProblemKind SequenceReused =
        new("sequence_reused", 409, "The source has told something else under this number") { Members = [MovementVersion] };

    public static readonly ProblemKind TooManySources = new("too_many_sources", 409, "The product remembers no more sources");

    public static readonly ProblemKind AboveLimit = new("stock_above_limit", 409, "On hand would pass the limit") { Members = [OnHand] };
}
