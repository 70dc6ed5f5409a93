using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Holdfast.Contracts.Callers;

namespace Holdfast.Api.Keys;

/// <param name="Name">
/// Who will use it: 1 to 64 letters, digits, '.', '_' or '-'. Requests with any key of a name come from the same caller.
/// </param>
/// <param name="Scopes">
/// What it allows: products, stock, orders, refunds, customers, events, each with :read or :write; orders:price, operate, keys.
/// </param>
/// <param name="ExpiresAt">From when on it does not hold any more; left out, it holds until it is revoked.</param>
public sealed record KeyRequest(string Name, IReadOnlyList<string> Scopes, DateTimeOffset? ExpiresAt = null)
{
    internal ulong Fingerprint
    {
        get
        {
            var print = new Fingerprint().Add(Name).Add(ExpiresAt?.ToUnixTimeMilliseconds() ?? 0);
            foreach (var scope in Scopes.Order(StringComparer.Ordinal)) print.Add(scope);
            return print.Value;
        }
    }

    internal void Check()
    {
        Checks.NoNulls(Scopes, "/scopes");
        var checks = new Checks();
        checks.Require(
            KeyText.IsName(Name),
            "/name",
            ErrorCodes.InvalidName,
            $"must have 1 to {Limits.KeyNameLength} letters, digits, '.', '_' or '-'");
        checks.Require(Scopes.Count > 0, "/scopes", ErrorCodes.WrongCount, "must have at least one scope");
        for (var i = 0; i < Scopes.Count; i++)
        {
            var place = RequestError.Element("/scopes", i);
            checks.Require(Contracts.Callers.Scopes.All.Contains(Scopes[i]), place, ErrorCodes.UnknownScope, "is not a scope");
            checks.Require(Scopes.Take(i).All(earlier => earlier != Scopes[i]), place, ErrorCodes.Duplicate, "is there more than once");
        }

        checks.Refuse();
    }
}

/// <summary>A key, but for its text.</summary>
/// <param name="Id">The second part of its text.</param>
/// <param name="ExpiresAt">From when on it does not hold; null for never.</param>
/// <param name="RevokedAt">Since when it does not hold; null while nobody has revoked it.</param>
/// <param name="LastUsedAt">To the minute; null when it was never used.</param>
/// <param name="Key">
/// The text to send as Authorization: Bearer. Only in the answer to the request that made it: it is stored nowhere, and not said again.
/// </param>
public sealed record KeyResponse(
    string Id,
    string Name,
    IReadOnlyList<string> Scopes,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt,
    DateTimeOffset? LastUsedAt,
    string? Key)
{
    internal static KeyResponse From(StoredKey key, string? text = null) =>
        new(key.Id, key.Name, key.Scopes, key.MadeAt, key.ExpiresAt, key.RevokedAt, key.LastUsedAt, text);
}

/// <summary>Keys, newest first unless asked for otherwise.</summary>
/// <param name="Next">Send as "cursor" for the next page; null at the end.</param>
public sealed record KeysResponse(IReadOnlyList<KeyResponse> Items, string? Next);
