using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace Holdfast.Api.Http.Requests;

/// <summary>The id of each request: that of its trace, so that answers, logs and traces name it in the same way.</summary>
internal static class RequestIds
{
    public const string Header = "Request-Id";

    public static Task SendAlways(HttpContext context, RequestDelegate next)
    {
        _ = Send(context);
        return next(context);
    }

    /// <returns>The id.</returns>
    public static string Send(HttpContext context)
    {
        var id = Of(context);
        context.Response.Headers[Header] = id;
        return id;
    }

    /// <summary>Of what came as no request at all.</summary>
    public static string New() => ActivityTraceId.CreateRandom().ToHexString();

    public static string Of(HttpContext context) =>
        context.Features.Get<IHttpActivityFeature>()?.Activity.TraceId.ToHexString() ?? context.TraceIdentifier;
}
