using System.Text.Json;
using System.Text.RegularExpressions;
using Holdfast.Api.Http.Requests;

namespace Holdfast.Api.Http.Problems;

/// <summary>
/// Says in the caller's words why the framework could not bind a request. Its own messages speak of .NET types; the phrases that
/// are looked for in them are pinned by tests.
/// </summary>
internal static partial class BindingProblem
{
    /// <summary>Stands for the whole body among the names of members.</summary>
    public const string Body = "body";

    private static readonly string[] Required = ["is required"];

    public static Problem From(BadHttpRequestException exception) => exception switch
    {
        { InnerException: JsonException json } => From(json),
        { StatusCode: not 400 } => ProblemAnswers.ForStatus(exception.StatusCode),
        _ when Parameter().Match(exception.Message) is { Success: true } match => Malformed(match.Groups["name"].Value, "is not a valid value"),
        _ => Malformed(Body, "is missing or cannot be read"),
    };

    public static Problem From(JsonException exception)
    {
        var path = exception.Path is { Length: > 1 } text ? text.TrimStart('$').TrimStart('.') : Body;
        if (Missing().Match(exception.Message) is { Success: true } missing)
        {
            var prefix = path == Body ? "" : path + ".";
            var names = Quoted().Matches(missing.Groups["names"].Value);
            return Malformed(names.ToDictionary(name => prefix + name.Groups[1].Value, _ => Required));
        }

        if (exception.Message.Contains("could not be mapped", StringComparison.Ordinal)) return Malformed(path, "is not a known member");
        if (exception.Message.Contains("uplicate", StringComparison.Ordinal)) return Malformed(path, path == Body ? "has a member more than once" : "is there more than once");
        if (exception.Message.Contains("maximum configured depth", StringComparison.Ordinal))
            return Malformed(path, $"is nested deeper than {RequestLimits.JsonDepth} levels");
        if (exception.Message.Contains("could not be converted", StringComparison.Ordinal)
            || exception.Message.Contains("doesn't allow null", StringComparison.Ordinal))
        {
            return Malformed(path, "has the wrong type, or a value that cannot be represented");
        }

        return Malformed(path, "is not well-formed JSON");
    }

    private static Problem Malformed(string field, string message) => Malformed(new Dictionary<string, string[]> { [field] = [message] });

    private static Problem Malformed(Dictionary<string, string[]> errors)
    {
        var (field, messages) = errors.First();
        var subject = field == Body ? "The body" : $"'{field}'";
        return new(ProblemKind.Malformed, $"{subject} {messages[0]}. Compare the request with /openapi/v1.json.") { Errors = errors };
    }

    [GeneratedRegex("""Failed to bind parameter "\S+ (?<name>\w+)" from""")]
    private static partial Regex Parameter();

    [GeneratedRegex("missing required properties including: (?<names>.+)$")]
    private static partial Regex Missing();

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex Quoted();
}
