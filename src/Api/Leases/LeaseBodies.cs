using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Holdfast.Contracts.Leases;

namespace Holdfast.Api.Leases;

/// <param name="Holder">Who is to hold it, for people: a process, a host. It stays in the history, so let it name nobody.</param>
/// <param name="TtlSeconds">How long the term lasts, if it is not renewed: up to 3600 (1 hour).</param>
public sealed record AcquireRequest(
    [property: StringLength(Limits.HolderLength, MinimumLength = 1)] string Holder, [property: Range(1, 3_600)] long TtlSeconds)
{
    internal void Check()
    {
        var checks = new Checks();
        checks.Text(Holder, Limits.HolderLength, "/holder");
        RenewRequest.CheckTtl(TtlSeconds, ref checks);
        checks.Refuse();
    }

    internal ulong Fingerprint => new Fingerprint().Add(Holder).Add(TtlSeconds).Value;
}

/// <param name="Token">That of the answer to the acquire.</param>
/// <param name="TtlSeconds">From now on, up to 3600 (1 hour). A term that would have ended later anyway still does.</param>
public sealed record RenewRequest(string Token, [property: Range(1, 3_600)] long TtlSeconds)
{
    internal void Check()
    {
        var checks = new Checks();
        CheckTtl(TtlSeconds, ref checks);
        checks.Refuse();
    }

    internal static void CheckTtl(long seconds, ref Checks checks) => checks.Range(
        seconds, (long)Limits.ShortestLease.TotalSeconds, (long)Limits.LongestLease.TotalSeconds, "/ttlSeconds");

    /// <summary>Without the token's text: it is made of the number, and another key of the store makes another one.</summary>
    internal ulong Fingerprint(long number) => new Fingerprint().Add(number).Add(TtlSeconds).Value;
}

/// <param name="Token">That of the answer to the acquire.</param>
public sealed record ReleaseRequest(string Token)
{
    internal static ulong Fingerprint(long number) => new Fingerprint().Add(number).Value;
}

/// <summary>A lease: who may act now, and for how long.</summary>
/// <param name="Holder">
/// Null when nobody holds it; and in a repeat of a renewal, when others have held it since.
/// </param>
/// <param name="Number">Of the newest term. It only grows: one for each time that somebody comes to hold it; 0 before the first.</param>
/// <param name="ExpiresAt">When the term ends, if it is not renewed; null when nobody holds it.</param>
public sealed record LeaseResponse(string Name, string? Holder, long Number, DateTimeOffset? ExpiresAt)
{
    /// <summary>
    /// The term's, for its holder alone: to renew and release it, and to be sent in Holdfast-Fence. Absent when nobody holds the lease, and
    /// where it is read.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Token { get; init; }

    internal static LeaseResponse From(string name, LeaseReading lease, string? token = null) =>
        new(name, lease.Holder, lease.Number, lease.ExpiresAt) { Token = token };
}
