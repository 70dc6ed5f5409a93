using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;

namespace Holdfast.Api.Http.Problems;

/// <summary>
/// One thing that is wrong with a request, and where: in the body, in a parameter of the path or the query, or in a header.
/// </summary>
/// <param name="JsonPointer">Where in the body: a JSON pointer (RFC 6901); the empty one is the body itself.</param>
/// <param name="Parameter">Which parameter of the path or of the query.</param>
/// <param name="Header">Which header.</param>
/// <param name="Code">For programs: one of <see cref="ErrorCodes"/>.</param>
/// <param name="Detail">What is wrong, as the end of a sentence that begins with the place.</param>
public sealed record RequestError(
    [property: JsonPropertyName("pointer"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? JsonPointer,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Parameter,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Header,
    string Code,
    string Detail)
{
    /// <summary>The error as a sentence.</summary>
    [JsonIgnore]
    public string Sentence => $"{Place} {Detail}.";

    private string Place => JsonPointer is null ? $"'{Parameter ?? Header}'" : JsonPointer.Length == 0 ? "The body" : $"'{JsonPointer}'";

    public static RequestError InBody(string place, string code, string detail) => new(place, null, null, code, detail);

    public static RequestError InParameter(string name, string code, string detail) => new(null, name, null, code, detail);

    public static RequestError InHeader(string name, string code, string detail) => new(null, null, name, code, detail);

    /// <summary>The pointer to a member of what the parent points to.</summary>
    public static string Member(string parent, string name) =>
        $"{parent}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    /// <summary>The pointer to an element of a list.</summary>
    public static string Element(string list, int index) => string.Create(CultureInfo.InvariantCulture, $"{list}/{index}");

    /// <summary>The pointer to where the JSON reader stands, who says it as <c>$.lines[0]['a b']</c>.</summary>
    internal static string FromReaderPath(string? path)
    {
        var pointer = new StringBuilder();
        var rest = (path ?? "").TrimStart('$');
        while (rest.Length > 0)
        {
            var (begin, end) = rest switch
            {
                _ when rest.StartsWith("['", StringComparison.Ordinal) => (2, rest.IndexOf("']", StringComparison.Ordinal)),
                ['[', ..] => (1, rest.IndexOf(']', StringComparison.Ordinal)),
                ['.', ..] => (1, rest.IndexOfAny(['.', '['], 1)),
                _ => (0, -1),
            };
            if (end < 0) end = rest.Length;
            pointer.Append(Member("", rest[begin..end]));
            rest = rest[end..].TrimStart('\'').TrimStart(']');
        }

        return pointer.ToString();
    }
}
