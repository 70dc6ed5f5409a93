using Holdfast.Api.Http.Problems;
using Holdfast.Contracts.Callers;
using Microsoft.Net.Http.Headers;

namespace Holdfast.Api.Http.Callers;

/// <summary>
/// Asks everybody who it is, before anything of a request is looked at; and whether it may do what the endpoint does. What has no endpoint
/// is behind it, too: a stranger learns of no path whether there is something.
/// </summary>
internal sealed class Door(KnownKeys keys, Tokens tokens, OpenLoopback loopback, CallLimits limits)
{
    private const string Scheme = "Bearer ";

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    public async Task Ask(HttpContext context, RequestDelegate next)
    {
        var endpoint = context.GetEndpoint();
        var access = endpoint?.Metadata.GetMetadata<Access>();
        if (access is { IsOpen: true })
        {
            if (await Recognize(context) is { } known) context.Features.Set(known);
            await next(context);
        }
        else if (Names(context) && limits.OfAddress(context) is { } tooMany) await tooMany.ExecuteAsync(context);
        else await LetIn(context, endpoint, access, await Find(context, context.RequestAborted), next);
    }

    private Task LetIn(HttpContext context, Endpoint? endpoint, Access? access, Caller? caller, RequestDelegate next)
    {
        if (caller is null) return limits.OfStranger(context)?.ExecuteAsync(context) ?? CallerProblems.Ask(context);
        if (limits.OfCaller(context, caller) is { } tooMany) return tooMany.ExecuteAsync(context);
        context.Features.Set(caller);

        // Of what is no route the framework makes the answer: there is none, or not with this method.
        if (endpoint is not RouteEndpoint) return next(context);
        if (access is null) return CallerProblems.Undeclared.ExecuteAsync(context);
        if (access.Scope is { } scope && CallerProblems.Without(scope, context) is { } lacking) return lacking.ExecuteAsync(context);
        return caller.Customer is not null && access.Scope is not null && endpoint.Metadata.GetMetadata<CustomersToo>() is null
            ? CallerProblems.NotForCustomers.ExecuteAsync(context)
            : next(context);
    }

    /// <summary>
    /// Who sends what is open to all, and is told more when it is known; null when it is nobody, or cannot be known at once: nobody waits
    /// for that.
    /// </summary>
    private async ValueTask<Caller?> Recognize(HttpContext context)
    {
        if (!Names(context)) return loopback.Admits(context) && keys.NoneAsHeard ? Caller.Anonymous : null;
        if (limits.OfAddress(context) is not null) return null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(Moment);
        try
        {
            return await Find(context, limit.Token);
        }
        catch (Exception unknown) when (unknown is RefusedRequestException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Whether it says who sends it.</summary>
    private static bool Names(HttpContext context) => context.Request.Headers.ContainsKey(HeaderNames.Authorization);

    private ValueTask<Caller?> Find(HttpContext context, CancellationToken cancellationToken)
    {
        var header = context.Request.Headers[HeaderNames.Authorization];
        if (header.Count == 0) return loopback.Admits(context) ? FindAnonymous(cancellationToken) : new((Caller?)null);
        if (header.Count > 1 || header[0] is not { } sent || !sent.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return new((Caller?)null);
        var token = sent[Scheme.Length..].Trim(' ');
        return token.StartsWith(KeyText.Prefix, StringComparison.Ordinal)
            ? keys.Find(token, cancellationToken)
            : tokens.Find(context, token, cancellationToken);
    }

    private async ValueTask<Caller?> FindAnonymous(CancellationToken cancellationToken) =>
        await keys.WereMade(cancellationToken) ? null : Caller.Anonymous;
}
