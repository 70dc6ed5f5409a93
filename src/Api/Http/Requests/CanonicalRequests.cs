using Microsoft.AspNetCore.Http.Features;

namespace Holdfast.Api.Http.Requests;

/// <summary>
/// One spelling for each request, before anything is routed: routing knows methods in any case, and the server reads a target in absolute
/// form, as a client sends it to a proxy, in another way than one that is only a path.
/// </summary>
internal sealed class CanonicalRequests : IStartupFilter
{
    public static void Add(WebApplicationBuilder builder) =>
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, CanonicalRequests>());

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(static (HttpContext context, RequestDelegate next) =>
        {
            context.Request.Method = HttpMethods.GetCanonicalizedValue(context.Request.Method);
            var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            if (PathOfAbsolute(target) is { } path) context.Request.Path = PathString.FromUriComponent(path);
            return next(context);
        });
        next(app);
    };

    /// <summary>The path as it was sent, escapes and all: the server has decoded them, slashes too. Null for any other form.</summary>
    public static string? PathOfAbsolute(string target)
    {
        if (target.StartsWith('/') || target.IndexOf("://", StringComparison.Ordinal) is not (var scheme and > 0)) return null;
        var root = target.IndexOfAny(['/', '?'], scheme + 3);
        if (root < 0 || target[root] == '?') return "/";
        var query = target.IndexOf('?', root);
        return query < 0 ? target[root..] : target[root..query];
    }
}
