using System.Text.Json;
using System.Text.RegularExpressions;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;

namespace Holdfast.Api.Http.Problems;

/// <summary>
/// Says in the caller's words why the framework could not bind a request. Its own messages speak of .NET types; the phrases that
/// are looked for in them are pinned by tests.
/// </summary>
internal static partial class BindingProblem
{
    private const string Hint = "Compare the request with /openapi/v1.json.";

    public static Problem From(BadHttpRequestException exception) => exception switch
    {
        { InnerException: JsonException json } => From(json),
        { StatusCode: not 400 } => ProblemAnswers.ForStatus(exception.StatusCode),
        _ when Parameter().Match(exception.Message) is { Success: true } match =>
            Malformed(RequestError.InParameter(match.Groups["name"].Value, ErrorCodes.WrongType, "is not a valid value")),
        _ => Malformed(RequestError.InBody("", ErrorCodes.Required, "is missing or cannot be read")),
    };

    public static Problem From(JsonException exception) => From(exception, RequestError.FromReaderPath(exception.Path));

    /// <param name="place">Where in the body: a JSON pointer.</param>
    public static Problem From(JsonException exception, string place)
    {
        // The place that follows is made of the caller's own names.
        var said = exception.Message.Split(" Path: $", 2)[0];
        // Looked for at the beginning: the names that follow are the caller's.
        if (Begins("The JSON property '")) return Malformed(RequestError.InBody(place, ErrorCodes.Unknown, "is not a known member"));
        if (Begins("JSON deserialization for type") && Missing().Match(said) is { Success: true } missing)
        {
            var members = Quoted().Matches(missing.Groups["names"].Value).Select(name => RequestError.Member(place, name.Groups[1].Value));
            return Malformed([.. members.Select(static member => RequestError.InBody(member, ErrorCodes.Required, "is required"))]);
        }

        if (Begins(WholeNumbers.TooLarge))
        {
            return Problem.Of(
                ProblemKind.OutOfBounds,
                [RequestError.InBody(place, ErrorCodes.OutOfRange, $"must be {-Limits.WholeNumber} to {Limits.WholeNumber}")]);
        }

        var (code, detail) = said switch
        {
            _ when Begins(WholeNumbers.NotWhole) => (ErrorCodes.WrongType, "must be a whole number"),
            _ when Says("uplicate") && place.Length == 0 => (ErrorCodes.Duplicate, "has a member more than once"),
            _ when Says("uplicate") => (ErrorCodes.Duplicate, "is there more than once"),
            _ when Says("maximum configured depth") => (ErrorCodes.TooDeep, $"is nested deeper than {RequestLimits.JsonDepth} levels"),
            _ when Says("doesn't allow null") => (ErrorCodes.Null, "must not be null"),
            _ when Says("could not be converted") => (ErrorCodes.WrongType, "has the wrong type, or a value that cannot be represented"),
            _ => (ErrorCodes.NotJson, "is not well-formed JSON"),
        };
        return Malformed(RequestError.InBody(place, code, detail));

        bool Begins(string phrase) => said.StartsWith(phrase, StringComparison.Ordinal);

        bool Says(string phrase) => said.Contains(phrase, StringComparison.Ordinal);
    }

    private static Problem Malformed(params RequestError[] errors) => Problem.Of(ProblemKind.Malformed, errors, Hint);

    [GeneratedRegex("""Failed to bind parameter "\S+ (?<name>\w+)" from""")]
    private static partial Regex Parameter();

    [GeneratedRegex("missing required properties including: (?<names>.+)$")]
    private static partial Regex Missing();

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex Quoted();
}
