using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
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

/// <summary>A change of what is on hand: a delta; or, from a source that numbers what it tells, a count.</summary>
/// <param name="Reason">Why: received, damaged, returned, counted …</param>
/// <param name="Delta">Units, negative to take away; not zero. Either this or "onHand".</param>
/// <param name="Reference">The document it follows from.</param>
/// <param name="OnHand">Units that the source counted. Whoever has no numbers sets the stock instead.</param>
/// <param name="EffectiveAt">With a delta: since when it has been so, a year ago at most. Without it: from now on.</param>
/// <param name="Source">Who tells it, under numbers of its own: a warehouse, a till. It goes with "sequence".</param>
/// <param name="Sequence">The source's number of it: it counts what it tells of this product from 1.</param>
public sealed record AdjustmentRequest(
    [property: StringLength(Limits.TextLength, MinimumLength = 1)] string Reason,
    [property: Range(-Limits.Quantity, Limits.Quantity)] long? Delta = null,
    [property: StringLength(Limits.TextLength, MinimumLength = 1)] string? Reference = null,
    [property: Range(0, Limits.Quantity)] long? OnHand = null,
    DateTimeOffset? EffectiveAt = null,
    [property: StringLength(Limits.KeyLength, MinimumLength = 1)] string? Source = null,
    [property: Range(1, Limits.WholeNumber)] long? Sequence = null)
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
            Delta is not null || OnHand is not null,
            pointer + "/delta",
            ErrorCodes.Required,
            "is required; or 'onHand', with 'source' and 'sequence'");
        checks.Require(
            Delta is null or (not 0 and >= -Limits.Quantity and <= Limits.Quantity),
            pointer + "/delta",
            ErrorCodes.OutOfRange,
            $"must be {-Limits.Quantity} to {Limits.Quantity}, and not 0");
        checks.Require(Delta is null || OnHand is null, pointer + "/onHand", ErrorCodes.Unsupported, "does not go with 'delta'");
        checks.Range(OnHand ?? 0, 0, Limits.Quantity, pointer + "/onHand");
        checks.Text(Reason, Limits.TextLength, pointer + "/reason");
        if (Reference is not null) checks.Text(Reference, Limits.TextLength, pointer + "/reference");
        checks.Require(
            EffectiveAt is null || OnHand is null,
            pointer + "/effectiveAt",
            ErrorCodes.Unsupported,
            "goes with 'delta' only: a count is how things are when it arrives");
        if (Source is not null) checks.Name(Source, pointer + "/source");
        checks.Range(Sequence ?? 1, 1, Limits.WholeNumber, pointer + "/sequence");
        checks.Require(
            Source is not null || (OnHand is null && Sequence is null),
            pointer + "/source",
            ErrorCodes.Required,
            "is required with 'sequence' and with 'onHand'; to set the stock without one, PUT it");
        checks.Require(Source is null || Sequence is not null, pointer + "/sequence", ErrorCodes.Required, "is required with 'source'");
    }

    internal AdjustStock On(Operation operation) => new(operation, Delta ?? 0, Reason, Reference)
    {
        EffectiveAt = EffectiveAt is { } since ? DateTimeOffset.FromUnixTimeMilliseconds(since.ToUnixTimeMilliseconds()) : null,
        Number = Source is not null && Sequence is { } sequence ? new(Source, sequence) : null,
        Count = OnHand,
    };

    /// <summary>Without what there was not at first it is what it was then: keys of before are repeated, too.</summary>
    internal ulong Fingerprint
    {
        get
        {
            var fingerprint = new Fingerprint().Add(Delta ?? 0).Add(Reason).Add(Reference);
            if (EffectiveAt is { } since) fingerprint.Add(nameof(EffectiveAt)).Add(since.ToUnixTimeMilliseconds());
            if (OnHand is { } counted) fingerprint.Add(nameof(OnHand)).Add(counted);
            if (Source is not null) fingerprint.Add(nameof(Source)).Add(Source).Add(Sequence ?? 0);
            return fingerprint.Value;
        }
    }
}

/// <summary>A change of what is on hand, as it was recorded.</summary>
/// <param name="Delta">As it was asked for; null for a count.</param>
/// <param name="OnHand">After the change.</param>
/// <param name="Version">The movement's place in the ledger.</param>
/// <param name="Counted">What the source counted.</param>
/// <param name="EffectiveAt">Since when it has been so, where that is not when it was recorded.</param>
/// <param name="Superseded">
/// True where the source had counted since, and that was here before this: it is recorded, and has changed nothing.
/// </param>
public sealed record AdjustmentResponse(
    string Sku,
    long? Delta,
    string Reason,
    string? Reference,
    long OnHand,
    long Version,
    DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Counted = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? EffectiveAt = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Source = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Sequence = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Superseded = null)
{
    internal static AdjustmentResponse From(string sku, AdjustmentRequest body, AdjustOutcome outcome) => new(
        sku,
        body.Delta,
        body.Reason,
        body.Reference,
        outcome.OnHand,
        outcome.Version,
        outcome.At,
        body.OnHand,
        body.EffectiveAt?.ToUniversalTime(),
        body.Source,
        body.Sequence,
        outcome.Status == AdjustStatus.Superseded ? true : null);
}

/// <summary>What was on hand at some time, as it was known at some time.</summary>
/// <param name="OnHand">
/// Units. Below 0 where corrections of what was true then, made since, say that more was missing than there was.
/// </param>
/// <param name="AsOf">When it was so; null for when it was known.</param>
/// <param name="KnownAt">What was recorded by then; null for by now.</param>
public sealed record StockAsOfResponse(string Sku, long OnHand, DateTimeOffset? AsOf, DateTimeOffset? KnownAt);

/// <summary>Lines of the ledger, newest first unless asked for otherwise.</summary>
/// <param name="Next">
/// Send as "cursor" for the next page, with the same filter; null at the end. A page can be short, even empty, and have a next.
/// </param>
public sealed record MovementsResponse(IReadOnlyList<MovementBody> Items, string? Next);

/// <summary>One immutable line of the ledger of what is on hand.</summary>
/// <param name="Version">Unique and ascending, not gapless.</param>
/// <param name="Kind">adjusted, set, sold, returned or superseded.</param>
/// <param name="OnHand">After the movement.</param>
/// <param name="Reservation">For sold and returned: which.</param>
/// <param name="EffectiveAt">Since when it has been so, where that is not when it was recorded.</param>
/// <param name="Source">Who told it, where that is a source with numbers of its own.</param>
/// <param name="Sequence">The source's number.</param>
public sealed record MovementBody(
    long Version,
    DateTimeOffset At,
    string Kind,
    long Delta,
    long OnHand,
    string? Reason,
    string? Reference,
    string? Reservation,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? EffectiveAt = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Source = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Sequence = null)
{
    internal static MovementBody From(Movement line) => new(
        line.Version,
        line.At,
        line.Kind,
        line.Delta,
        line.OnHand,
        line.Reason,
        line.Reference,
        line.Reservation is { } id ? PublicId.Format(PublicId.Reservation, id) : null,
        line.EffectiveAt,
        line.Number?.Source,
        line.Number?.Sequence);
}
