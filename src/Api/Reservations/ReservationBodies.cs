using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Api.Reservations;

/// <summary>Units to hold for one buyer.</summary>
/// <param name="Quantity">Units.</param>
/// <param name="TtlSeconds">How long the hold lasts; 900 when left out, 604800 (7 days) at most.</param>
/// <param name="CustomerId">For whom: 1 to 128 characters.</param>
/// <param name="Reference">The shop's own number or name for it, a cart's for instance; need not be unique.</param>
public sealed record ReservationRequest(
    [property: Range(1, Limits.Quantity)] long Quantity,
    [property: Range(1, 604_800)] long? TtlSeconds = null,
    [property: StringLength(Limits.KeyLength, MinimumLength = 1)] string? CustomerId = null,
    [property: StringLength(Limits.ReferenceLength, MinimumLength = 1)] string? Reference = null)
{
    internal void Check()
    {
        var checks = new Checks();
        checks.Range(Quantity, 1, Limits.Quantity, "/quantity");
        ExtendRequest.CheckTtl(TtlSeconds ?? 1, ref checks);
        if (CustomerId is not null) checks.Name(CustomerId, "/customerId");
        if (Reference is not null) checks.Text(Reference, Limits.ReferenceLength, "/reference");
        checks.Refuse();
    }

    internal TimeSpan Ttl => TtlSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : Limits.DefaultReservationTtl;

    internal HoldText? Text => CustomerId is null && Reference is null ? null : new HoldText(CustomerId, Reference);

    internal ulong Fingerprint
    {
        get
        {
            var fingerprint = new Fingerprint().Add(Quantity).Add((long)Ttl.TotalSeconds);
            return Text is { } text ? fingerprint.Add(text.CustomerId).Add(text.Reference).Value : fingerprint.Value;
        }
    }
}

/// <summary>How much longer a hold is to last.</summary>
/// <param name="TtlSeconds">From now on; 604800 (7 days) at most. One that would have ended later anyway still does.</param>
public sealed record ExtendRequest([property: Range(1, 604_800)] long TtlSeconds)
{
    internal void Check()
    {
        var checks = new Checks();
        CheckTtl(TtlSeconds, ref checks);
        checks.Refuse();
    }

    internal static void CheckTtl(long seconds, ref Checks checks) =>
        checks.Range(seconds, 1, (long)Limits.ReservationTtl.TotalSeconds, "/ttlSeconds");

    internal ulong Fingerprint => new Fingerprint().Add(TtlSeconds).Value;
}

/// <summary>How much of a hold is sold.</summary>
/// <param name="Quantity">Units, as many as are held at most; the rest is released. All of them when it is left out.</param>
public sealed record CommitRequest([property: Range(1, Limits.Quantity)] long? Quantity = null)
{
    internal void Check()
    {
        var checks = new Checks();
        checks.Range(Quantity ?? 1, 1, Limits.Quantity, "/quantity");
        checks.Refuse();
    }

    internal ulong Fingerprint => new Fingerprint().Add(Quantity ?? -1).Value;
}

/// <summary>Units of one SKU held for one buyer.</summary>
/// <param name="Id"><c>res_…</c></param>
/// <param name="Quantity">Units that were held.</param>
/// <param name="Status">reserved, committed, released or expired.</param>
public sealed record ReservationResponse(string Id, string Sku, long Quantity, ReservationStatus Status, DateTimeOffset ExpiresAt)
{
    /// <summary>Of one that is committed: units that were sold.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? CommittedQuantity { get; init; }

    /// <summary>For whom. It is there while the units are held, and in the answer to the request that held them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CustomerId { get; init; }

    /// <summary>The shop's own number or name for it, likewise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reference { get; init; }

    /// <summary>While the units are held: since when.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? CreatedAt { get; init; }

    internal static ReservationResponse From(Reservation reservation) => new(
        PublicId.Format(PublicId.Reservation, reservation.Id),
        reservation.Sku,
        reservation.Quantity,
        reservation.Status,
        reservation.ExpiresAt)
    {
        CommittedQuantity = reservation.Status == ReservationStatus.Committed ? reservation.Committed : null,
        CustomerId = reservation.Text?.CustomerId,
        Reference = reservation.Text?.Reference,
        CreatedAt = reservation.CreatedAt,
    };
}

/// <summary>The open reservations of a product, newest first unless asked for otherwise.</summary>
/// <param name="Next">Send as "cursor" for the next page; null at the end.</param>
public sealed record ReservationsResponse(IReadOnlyList<ReservationResponse> Items, string? Next);
