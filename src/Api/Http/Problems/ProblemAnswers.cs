using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.Fences;
using Holdfast.Api.Http.Preconditions;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Microsoft.AspNetCore.Diagnostics;

namespace Holdfast.Api.Http.Problems;

/// <summary>Answers with problem details wherever an endpoint did not: exceptions, and the framework's own bare statuses.</summary>
public static class ProblemAnswers
{
    public static void AddProblems(this WebApplicationBuilder builder)
    {
        // Otherwise the framework answers a body that it cannot bind with a bare 400, which says nothing about what was wrong.
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.AddExceptionHandler<ProblemExceptionHandler>();
        builder.Services.AddProblemDetails();
        UnknownHost.Add(builder);
        CanonicalRequests.Add(builder);
    }

    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages(static context => For(context.HttpContext).ExecuteAsync(context.HttpContext));
    }

    /// <summary>What holds for the requests of all who were let in.</summary>
    public static void UseRequestRules(this WebApplication app)
    {
        app.Use(CacheRules.Send);
        app.Use(EscapedPath.Decode);
        app.Use(QueryParameters.RefuseUnknown);
        app.Use(MediaTypes.Check);
        app.Use(RequestConditions.RefuseUnsupported);
        app.Use(FenceHeader.Check);
        app.Use(Reads.Mark);
    }

    private static Problem For(HttpContext context) => context.Response.StatusCode == StatusCodes.Status415UnsupportedMediaType
        ? MediaTypes.Refusal(context)
        : ForStatus(context.Response.StatusCode);

    /// <summary>What a status means that the framework answered without a word.</summary>
    internal static Problem ForStatus(int status) => status switch
    {
        404 => ProblemKind.NotFound.With("Check the path; /openapi/v1.json lists what there is."),
        405 => ProblemKind.MethodNotAllowed.With("The Allow header names the methods of this path."),
        408 => ProblemKind.RequestTimeout.With("Send the whole body without pauses."),
        411 => new ProblemKind("bad_request", status, "The request cannot be read").With("Send the length of the body, in Content-Length."),
        413 => ProblemKind.PayloadTooLarge.With(
            $"Send at most {RequestLimits.BodyBytes / 1024} KB, unless the path's description names more."),
        415 => ProblemKind.UnsupportedMediaType.With("Send JSON, with the header Content-Type: application/json."),
        414 => new ProblemKind("bad_request", status, "The request cannot be read").With($"A request line has at most {RequestLimits.RequestLineBytes / 1024} KB."),
        431 => new ProblemKind("bad_request", status, "The request cannot be read").With(
            $"A request has at most {RequestLimits.Headers} headers, of {RequestLimits.HeaderBytes / 1024} KB in all."),
        >= 500 => Broken,
        _ => new ProblemKind("bad_request", status, "The request cannot be read").With("Check the request against /openapi/v1.json."),
    };

    internal static Problem Broken => new(ProblemKind.InternalError, "Report this with the traceId. Whether it took effect is unknown.")
    {
        ForRead = ProblemKind.InternalError.With("Report this with the traceId."),
    };
}

internal sealed partial class ProblemExceptionHandler(ILogger<ProblemExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            RefusedRequestException refused => refused.Problem,
            FencedException fenced => FenceProblems.Of(fenced),
            BadHttpRequestException bad => BindingProblem.From(bad),
            _ when NoAnswer.Is(exception) => GrainCalls.Refusal(exception),
            _ => ProblemAnswers.Broken,
        };
        if (problem.Status == StatusCodes.Status500InternalServerError)
            LogUnhandled(exception, httpContext.Request.Method, RouteOf(httpContext), RequestIds.Of(httpContext));

        await problem.ExecuteAsync(httpContext);
        return true;
    }

    /// <summary>A path may name a person.</summary>
    private static string RouteOf(HttpContext context) =>
        (context.Features.Get<IExceptionHandlerFeature>()?.Endpoint as RouteEndpoint)?.RoutePattern.RawText ?? "no route";
}
