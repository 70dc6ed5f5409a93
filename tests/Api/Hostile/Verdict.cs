using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Holdfast.Api.Http.Problems;
using Xunit.Sdk;

namespace Holdfast.Tests.Api.Hostile;

/// <summary>
/// Says what is wrong with an answer: that it is a failure of this side, that something was done, or that it tells too much.
/// </summary>
internal sealed partial class Verdict(string dataDirectory)
{
    /// <summary>Pages that show what the program is made of, to those who may see it.</summary>
    private static readonly string[] Pages = ["/dashboard/", "/openapi/", "/docs/"];

    /// <summary>Where files lie: every directory at the top of the file system.</summary>
    private static readonly string[] Places =
        [.. Directory.GetDirectories(Path.GetPathRoot(AppContext.BaseDirectory)!).Select(static directory => $"{directory}/")];

    private const BindingFlags Own = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly HashSet<string> Codes = [.. typeof(ProblemKind).Assembly.GetTypes()
        .SelectMany(static type => type.GetFields(Own))
        .Where(static field => field.FieldType == typeof(ProblemKind))
        .Select(static field => ((ProblemKind)field.GetValue(null)!).Code)];

    /// <returns>Null when nothing is.</returns>
    public string? Of(Draft request, Answer answer)
    {
        var isRead = request.Method is "GET" or "HEAD" or "OPTIONS" or "TRACE";
        if (answer.Status >= 500 && !(request.AsksAhead && answer.Status == 503 && IsProblem(answer, "view_behind")))
            return "a failure of this side";
        if (answer.Status is >= 200 and < 400 && !isRead) return "a change, or a promise of one";
        if (answer.Status >= 400 && request.Method != "HEAD" && NoProblem(answer) is { } wrong) return wrong;
        if (answer.Headers.ContainsKey("Set-Cookie")) return "a header that the request has put there";
        var isPage = answer.Status < 400
            && Pages.Any(page => (request.Target.Pattern + "/").StartsWith(page, StringComparison.Ordinal));
        return isPage ? null : Leak(answer, HostileCallers.SecretsIn(request));
    }

    /// <summary>Of an answer to what is no request. Of another version of HTTP the server says 505, as it must, and no more.</summary>
    public string? OfRefusal(Answer answer) => answer switch
    {
        { Status: 505, Body: "" } => Leak(answer, []),
        { Status: < 400 or > 499 } => "no refusal",
        _ => NoProblem(answer) ?? Leak(answer, []),
    };

    public static string CodeOf(Answer answer) =>
        answer.MediaType == "application/problem+json" && answer.Body.Length > 0 ? answer.Text("code")! : "";

    private static bool IsProblem(Answer answer, string code) => answer.Body.Length == 0 || CodeOf(answer) == code;

    private static string? NoProblem(Answer answer)
    {
        try
        {
            var code = answer.Text("code")!;
            if (!Codes.Contains(code)) return $"an unknown code, {code}";
            answer.IsProblem(answer.Status, code);
            return answer.Headers["Request-Id"].Trim('0').Length == 0 ? "an id of a request that is none" : null;
        }
        catch (Exception exception) when (exception is JsonException or XunitException or KeyNotFoundException or InvalidOperationException)
        {
            return $"no problem: {exception.Message}";
        }
    }

    private string? Leak(Answer answer, string[] secrets)
    {
        var said = string.Join('\n', answer.Headers.Select(static header => $"{header.Key}: {header.Value}").Append(answer.Body));
        if (Inside().Match(said) is { Success: true } inside) return $"a leak, {inside.Value}";
        if (Array.Find(Places, said.Contains) is { } place) return $"a leak, something below {place}";
        if (said.Contains(dataDirectory, StringComparison.Ordinal)) return "a leak, where the data are";
        if (Array.Exists(secrets, secret => said.Contains(secret, StringComparison.Ordinal)))
            return "a leak, the key or token that was sent";
        return answer.MediaType == "text/html" && Markup().IsMatch(answer.Body) ? "markup of the request in a page" : null;
    }

    [GeneratedRegex(
        @"   at |\.cs:line|Exception|Npgsql|SQLite|sqlite|Orleans\.|Holdfast\.[A-Z]|Microsoft\.|System\.[A-Z]"
        + "|/src/|/bin/")]
    private static partial Regex Inside();

    [GeneratedRegex("<script>alert|<img src=x")]
    private static partial Regex Markup();
}
