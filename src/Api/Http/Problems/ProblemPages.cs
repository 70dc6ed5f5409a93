using System.Net;
using System.Reflection;
using System.Text;
using Holdfast.Api.Http.Callers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Http.Problems;

/// <summary>The pages to which the type of a problem leads: what each code means, for people.</summary>
public static class ProblemPages
{
    private const string Root = "/docs/problems";

    private const BindingFlags Own = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Every kind that there is, by its code: those of any request, and those that the resources bring.</summary>
    private static readonly ILookup<string, ProblemKind> Kinds = typeof(ProblemPages).Assembly.GetTypes()
        .SelectMany(static type => type.GetFields(Own))
        .Where(static field => field.FieldType == typeof(ProblemKind))
        .Select(static field => (ProblemKind)field.GetValue(null)!)
        .DistinctBy(static kind => (kind.Code, kind.Status))
        .OrderBy(static kind => kind.Code, StringComparer.Ordinal)
        .ToLookup(static kind => kind.Code, StringComparer.Ordinal);

    public static string Path(string code) => $"{Root}/{code}";

    public static void MapProblemPages(this IEndpointRouteBuilder app)
    {
        app.MapGet(Root, static () => Page("Problems", Table(Kinds.SelectMany(static kinds => kinds))))
            .ExcludeFromDescription().NeedsCaller();
        app.MapGet(Root + "/{code}", static IResult (string code) => Kinds[code].FirstOrDefault() is { } kind
            ? Page(kind.Code, $"<p>{WebUtility.HtmlEncode(kind.Title)}.</p>{Table(Kinds[code])}<p><a href=\"{Root}\">All problems</a></p>")
            : ProblemKind.NotFound.With($"No problem has that code; {Root} lists those that there are."))
            .ExcludeFromDescription().NeedsCaller();
    }

    private static ContentHttpResult Page(string title, string body) => TypedResults.Text(
        $"""
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>{title} - Holdfast</title>
        <h1>{title}</h1>
        {body}
        <p>The answer's <code>detail</code> says what is wrong with that one request, and <code>errors</code> where.</p>
        </html>
        """,
        "text/html; charset=utf-8");

    private static string Table(IEnumerable<ProblemKind> kinds)
    {
        var rows = new StringBuilder("<table><tr><th>code<th>status<th>means<th>repeat it?");
        foreach (var kind in kinds)
        {
            rows.Append($"<tr><td><a href=\"{Path(kind.Code)}\">{kind.Code}</a><td>{kind.Status}")
                .Append($"<td>{WebUtility.HtmlEncode(kind.Title)}<td>")
                .Append(kind.Retryable ? "yes, with the same key" : "not as it is");
        }

        return rows.Append("</table>").ToString();
    }
}
