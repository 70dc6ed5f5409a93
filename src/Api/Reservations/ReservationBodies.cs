using System.ComponentModel.DataAnnotations;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;

namespace Holdfast.Api.Reservations;

/// <summary>Units to hold for one buyer.</summary>
/// <param name="Quantity">Units.</param>
/// <param name="TtlSeconds">How long the hold lasts; 900 when left out, 604800 (7 days) at most.</param>
public sealed record ReservationRequest(
    [property: Range(1, Limits.Quantity)] long Quantity, [property: Range(1, 604_800)] long? TtlSeconds = null)
{
    internal void Check()
    {
        var checks = new Checks();
        checks.Range(Quantity, 1, Limits.Quantity, "/quantity");
        checks.Range(TtlSeconds ?? 1, 1, (long)Limits.ReservationTtl.TotalSeconds, "/ttlSeconds");
        checks.Refuse();
    }

    internal TimeSpan Ttl => TtlSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : Limits.DefaultReservationTtl;

    internal ulong Fingerprint => new Fingerprint().Add(Quantity).Add((long)Ttl.TotalSeconds).Value;
}

/// <summary>Units of one SKU held for one buyer.</summary>
/// <param name="Id"><c>res_…</c></param>
/// <param name="Status">reserved, committed, released or expired.</param>
public sealed record ReservationResponse(string Id, string Sku, long Quantity, ReservationStatus Status, DateTimeOffset ExpiresAt)
{
    internal static ReservationResponse From(Reservation reservation) => new(
        PublicId.Format(PublicId.Reservation, reservation.Id),
        reservation.Sku,
        reservation.Quantity,
        reservation.Status,
        reservation.ExpiresAt);
}
