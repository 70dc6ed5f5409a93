using System.Collections.Frozen;
using Holdfast.Contracts.Callers;

namespace Holdfast.Api.Http.Callers;

/// <summary>Who sends a request, and what it may do. Idempotency keys and cursors of different callers never meet.</summary>
/// <param name="Id"><c>key:NAME</c>, <c>jwt:ISSUER|SUB</c> or <c>anonymous</c>: kinds that cannot be taken for one another.</param>
/// <param name="Allowed">Its scopes.</param>
/// <param name="Customer">The customer that it is, who sees and does only what is its own; null for everybody else.</param>
internal sealed record Caller(string Id, FrozenSet<string> Allowed, string? Customer = null)
{
    /// <summary>Everybody, on a server that only this machine can reach and that knows no caller yet.</summary>
    public static readonly Caller Anonymous = new("anonymous", Scopes.All.ToFrozenSet());

    private static readonly Caller Nobody = Anonymous with { Allowed = [] };

    public static Caller In(HttpContext context) => context.Features.Get<Caller>() ?? Nobody;

    /// <summary>Its name.</summary>
    public static string Of(HttpContext context) => In(context).Id;

    public static FrozenSet<string> Known(IEnumerable<string> scopes) => scopes.Where(Anonymous.Allowed.Contains).ToFrozenSet();
}
