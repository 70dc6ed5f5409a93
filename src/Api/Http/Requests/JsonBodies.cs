using System.Text.Json;
using Holdfast.Api.Http.Problems;

namespace Holdfast.Api.Http.Requests;

/// <summary>Bodies that are read as they are: a merge patch tells null from absent, which no type can.</summary>
internal static class JsonBodies
{
    /// <exception cref="RefusedRequestException">400 or 415: it is no JSON.</exception>
    public static async ValueTask<JsonElement> Read(HttpContext context)
    {
        if (!context.Request.HasJsonContentType()) throw new RefusedRequestException(MediaTypes.Refusal(context));
        try
        {
            return await context.Request.ReadFromJsonAsync(StrictJson.Bodies.JsonElement, context.RequestAborted);
        }
        catch (JsonException exception)
        {
            throw new RefusedRequestException(BindingProblem.From(exception), exception);
        }
    }

    /// <summary>An escaped half of a surrogate pair is only found when the text is unescaped.</summary>
    /// <exception cref="RefusedRequestException">400: it is no text of Unicode.</exception>
    public static string? Unescape(Func<string?> read, string pointer)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            throw Checks.Unreadable(RequestError.InBody(pointer, ErrorCodes.NotUnicode, "has half of a surrogate pair"));
        }
    }
}
