using System.Diagnostics.CodeAnalysis;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Api.Http.Problems;
using Microsoft.AspNetCore.Http.Metadata;

namespace Holdfast.Api.Http.Requests;

/// <summary>A parameter that nobody looks at is refused: with "?limt=10" the caller would get another list than was asked for.</summary>
internal static class QueryParameters
{
    public static Task RefuseUnknown(HttpContext context, RequestDelegate next)
    {
        if (!context.Request.QueryString.HasValue) return next(context);
        if (context.GetEndpoint() is not RouteEndpoint endpoint || endpoint.Metadata.GetMetadata<Refusals>() is null) return next(context);
        return IsWrong(context.Request.Query, Of(endpoint), out var error, out var hint)
            ? Problem.Of(ProblemKind.Malformed, [error], hint).ExecuteAsync(context)
            : next(context);
    }

    /// <summary>Those that the endpoint takes, by what the framework binds for it.</summary>
    private static IParameterBindingMetadata[] Of(RouteEndpoint endpoint) =>
    [
        .. endpoint.Metadata.GetOrderedMetadata<IParameterBindingMetadata>()
            .Where(static parameter => parameter.HasTryParse || parameter.ParameterInfo.ParameterType == typeof(string))
            .Where(parameter => endpoint.RoutePattern.GetParameter(parameter.Name) is null),
    ];

    private static bool IsWrong(
        IQueryCollection sent,
        IParameterBindingMetadata[] known,
        [NotNullWhen(true)] out RequestError? error,
        [NotNullWhen(true)] out string? hint)
    {
        foreach (var (name, values) in sent)
        {
            if (Array.Find(known, parameter => parameter.Name == name) is not { } parameter)
            {
                error = RequestError.InParameter(name, ErrorCodes.Unknown, "is not a known parameter");
                hint = Known([.. known.Select(static parameter => parameter.Name)]);
                return true;
            }

            if (values.Count > 1)
            {
                (error, hint) = (RequestError.InParameter(name, ErrorCodes.Duplicate, "is there more than once"), "Send it once.");
                return true;
            }

            // The framework passes over what stands around a number.
            if (parameter.HasTryParse && IsPadded($"{values}"))
            {
                error = RequestError.InParameter(name, ErrorCodes.Malformed, "has something around its value");
                hint = "Send the value alone.";
                return true;
            }
        }

        (error, hint) = (null, null);
        return false;
    }

    private static bool IsPadded(string value) =>
        value.Contains('\0', StringComparison.Ordinal) || value.StartsWith('+') || value.Trim() != value;

    private static string Known(string[] names) => names.Length == 0 ? "There are none here." : $"Known here: {string.Join(", ", names)}.";
}
