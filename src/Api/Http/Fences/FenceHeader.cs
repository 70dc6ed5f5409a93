using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;

namespace Holdfast.Api.Http.Fences;

/// <summary>
/// <c>Holdfast-Fence: name=TOKEN</c>: the request is made under this term of a lease. Read before the endpoint is asked, so that none can
/// forget it: it goes along with the request's operation, to the owner, which compares it with what it has seen.
/// </summary>
internal static class FenceHeader
{
    public const string Name = "Holdfast-Fence";

    private const string Form = "must be name=TOKEN, with the lease's name escaped as in a path, and the token as it was given out";

    public static void AddFences(this WebApplicationBuilder builder) => builder.Services.AddSingleton(static services =>
    {
        var (calls, grains) = (services.GetRequiredService<GrainCalls>(), services.GetRequiredService<IGrainFactory>());

        // A front door knows no grain before it has met a silo: not while it is built.
        return new LeaseTokens(
            () => calls.Send(
                grains.GetGrain<ILeaseSecret>(ILeaseSecret.Only), 0, static (grain, _) => grain.Read(), CancellationToken.None),
            () => calls.Send(
                grains.GetGrain<ILeaseSecret>(ILeaseSecret.Only), 0, static (grain, _) => grain.ReadOrDraw(), CancellationToken.None),
            services.GetRequiredService<TimeProvider>());
    });

    /// <summary>Refuses a fence where nobody looks at one: whoever sends it relies on it.</summary>
    public static Task Check(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Headers[Name] is not { Count: > 0 } header) return next(context);
        if (context.GetEndpoint()?.Metadata is not { } metadata || metadata.GetMetadata<Refusals>() is null) return next(context);
        return metadata.GetOrderedMetadata<HeaderParameter>().Contains(HeaderParameter.Fence)
            ? Verify(context, header.Count == 1 ? header[0] : null, next)
            : Unsupported.ExecuteAsync(context);
    }

    /// <summary>The fence of the request; null for none.</summary>
    public static Fence? Of(HttpContext context) => context.Features.Get<Fence>();

    /// <summary>The two parts of a fence, of which the token is not verified yet.</summary>
    public static bool TryRead(string text, out (string Lease, string Token) fence)
    {
        fence = default;
        var end = text.IndexOf('=', StringComparison.Ordinal);
        if (end < 1) return false;
        fence = (Uri.UnescapeDataString(text[..end]), text[(end + 1)..]);
        return Names.IsName(fence.Lease) && LeaseToken.HasForm(fence.Token);
    }

    /// <summary>Of a member of a body.</summary>
    public static void CheckForm(string? text, string pointer, ref Checks checks) =>
        checks.Require(text is null || TryRead(text, out _), pointer, ErrorCodes.Malformed, Form);

    /// <exception cref="RefusedRequestException">400: this store has given out no such token.</exception>
    public static async ValueTask<Fence?> Verify(string? text, LeaseTokens tokens)
    {
        if (text is null) return null;
        return TryRead(text, out var fence) && await tokens.Verify(fence.Lease, fence.Token) is { } number
            ? new Fence(fence.Lease, number)
            : throw new RefusedRequestException(FenceProblems.NotOfThisStore);
    }

    private static Problem Unsupported => Problem.Of(
        FenceProblems.Unsupported,
        [RequestError.InHeader(Name, ErrorCodes.Unsupported, "is not looked at here")],
        "Send the request without it.");

    private static async Task Verify(HttpContext context, string? text, RequestDelegate next)
    {
        if (text is null || !TryRead(text, out _)) throw Checks.Unreadable(RequestError.InHeader(Name, ErrorCodes.Malformed, Form));
        context.Features.Set(await Verify(text, context.RequestServices.GetRequiredService<LeaseTokens>()));
        await next(context);
    }
}
