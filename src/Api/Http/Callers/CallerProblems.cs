using Holdfast.Api.Http.Problems;
using Microsoft.Extensions.Primitives;

namespace Holdfast.Api.Http.Callers;

/// <summary>How the door is kept closed. A key or token that is refused is refused in the same words, whatever was wrong with it.</summary>
internal static class CallerProblems
{
    public static readonly ProblemKind Unauthenticated = new("unauthenticated", 401, "Nobody is known by that name here");
    public static readonly ProblemKind Forbidden = new("forbidden", 403, "The caller may not do this");

    /// <summary>RFC 6750 §3: the scheme, and nothing that would tell what was wrong.</summary>
    private static readonly StringValues Challenge = "Bearer";

    public static Task Ask(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = Challenge;
        return Unauthenticated.With("Send a key or a token that holds here, as Authorization: Bearer …").ExecuteAsync(context);
    }

    /// <summary>
    /// What a caller is told that lacks the scope; null for one that has it. A parameter can need more than its endpoint does.
    /// </summary>
    public static Problem? Without(string scope, HttpContext context)
    {
        if (Caller.In(context).Allowed.Contains(scope)) return null;
        context.Response.Headers.WWWAuthenticate = $"Bearer error=\"insufficient_scope\", scope=\"{scope}\"";
        return Forbidden.With($"The caller needs the scope '{scope}'; ask whoever made its key, or gave its token.");
    }

    public static Problem NotForCustomers => Forbidden.With("A customer's token does not reach this; use one of the shop.");

    public static Problem Undeclared => Forbidden.With("Nobody may call this.");
}
