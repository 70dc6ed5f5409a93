using System.ComponentModel.DataAnnotations;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Api.Stock;

/// <summary>A count of what is physically there.</summary>
/// <param name="OnHand">Units.</param>
/// <param name="Reason">Why: inventory, found, damaged …</param>
/// <param name="IfVersion">The version of the stock when it was counted; If-Match can say it instead.</param>
/// <param name="Reference">The document it follows from.</param>
public sealed record StockRequest(
    [property: Range(0, Limits.Quantity)] long OnHand,
    [property: StringLength(Limits.TextLength, MinimumLength = 1)] string Reason,
    [property: Range(0, Limits.WholeNumber)] long? IfVersion = null,
    [property: StringLength(Limits.TextLength, MinimumLength = 1)] string? Reference = null)
{
    internal void Check()
    {
        var checks = new Checks();
        Check(ref checks, "");
        checks.Refuse();
    }

    internal void Check(ref Checks checks, string pointer)
    {
        checks.Range(OnHand, 0, Limits.Quantity, pointer + "/onHand");
        checks.Range(IfVersion ?? 0, 0, Limits.WholeNumber, pointer + "/ifVersion");
        checks.Text(Reason, Limits.TextLength, pointer + "/reason");
        if (Reference is not null) checks.Text(Reference, Limits.TextLength, pointer + "/reference");
    }

    /// <param name="version">Of the stock, if only that one will do.</param>
    internal SetStock On(Operation operation, long? version) => new(operation, OnHand, version, Reason, Reference);

    internal ulong Fingerprint => new Fingerprint().Add(OnHand).Add(IfVersion ?? -1).Add(Reason).Add(Reference).Value;
}

/// <summary>A change of what is on hand.</summary>
/// <param name="Delta">Units, negative to take away; not zero.</param>
/// <param name="Reason">Why: received, damaged, returned, counted …</param>
/// <param name="Reference">The document it follows from.</param>
public sealed record AdjustmentRequest(
    [property: Range(-Limits.Quantity, Limits.Quantity)] long Delta,
    [property: StringLength(Limits.TextLength, MinimumLength = 1)] string Reason,
    [property: StringLength(Limits.TextLength, MinimumLength = 1)] string? Reference = null)
{
    internal void Check()
    {
        var checks = new Checks();
        Check(ref checks, "");
        checks.Refuse();
    }

    internal void Check(ref Checks checks, string pointer)
    {
        checks.Require(
            Delta is not 0 and >= -Limits.Quantity and <= Limits.Quantity,
            pointer + "/delta",
            ErrorCodes.OutOfRange,
            $"must be {-Limits.Quantity} to {Limits.Quantity}, and not 0");
        checks.Text(Reason, Limits.TextLength, pointer + "/reason");
        if (Reference is not null) checks.Text(Reference, Limits.TextLength, pointer + "/reference");
    }

    internal AdjustStock On(Operation operation) => new(operation, Delta, Reason, Reference);

    internal ulong Fingerprint => new Fingerprint().Add(Delta).Add(Reason).Add(Reference).Value;
}

/// <summary>A change of what is on hand, as it was recorded.</summary>
/// <param name="OnHand">After the change.</param>
/// <param name="Version">The stock's version, and the movement's place in the ledger.</param>
public sealed record AdjustmentResponse(
    string Sku, long Delta, string Reason, string? Reference, long OnHand, long Version, DateTimeOffset At);

/// <summary>Lines of the ledger, newest first unless asked for otherwise.</summary>
/// <param name="Next">
/// Send as "cursor" for the next page, with the same filter; null at the end. A page can be short, even empty, and have a next.
/// </param>
public sealed record MovementsResponse(IReadOnlyList<MovementBody> Items, string? Next);

/// <summary>One immutable line of the ledger of what is on hand.</summary>
/// <param name="Version">Unique and ascending, not gapless.</param>
/// <param name="Kind">adjusted, set, sold or returned.</param>
/// <param name="OnHand">After the movement.</param>
/// <param name="Reservation">For sold and returned: which.</param>
public sealed record MovementBody(
    long Version, DateTimeOffset At, string Kind, long Delta, long OnHand, string? Reason, string? Reference, string? Reservation)
{
    internal static MovementBody From(Movement line) => new(
        line.Version,
        line.At,
        line.Kind,
        line.Delta,
        line.OnHand,
        line.Reason,
        line.Reference,
        line.Reservation is { } id ? PublicId.Format(PublicId.Reservation, id) : null);
}
