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

    /// <summary>
    /// The pointer to where the JSON reader stands, who says it as <c>$.lines[0]['a b']</c>. A name can have anything in it, so where one
    /// in brackets ends is where the next part begins.
    /// </summary>
    internal static string FromReaderPath(string? path)
    {
        var pointer = new StringBuilder();
        for (var rest = (path ?? "").TrimStart('$'); rest.Length > 0;)
        {
            var (name, length) = First(rest);
            pointer.Append(Member("", name));
            rest = rest[length..];
        }

        return pointer.ToString();
    }

    /// <summary>The first part of what is left, and how long it is as the reader spells it.</summary>
    private static (string Name, int Length) First(string rest)
    {
        if (rest.StartsWith("['", StringComparison.Ordinal))
        {
            for (var end = Close(2); end >= 0; end = Close(end + 1))
            {
                if (end + 2 == rest.Length || rest[end + 2] is '.' or '[') return (rest[2..end], end + 2);
            }
        }
        else if (rest[0] == '[' && rest.IndexOf(']', StringComparison.Ordinal) is var close and > 0)
        {
            return (rest[1..close], close + 1);
        }
        else if (rest[0] == '.')
        {
            var next = rest.AsSpan(1).IndexOfAny('.', '[');
            return next < 0 ? (rest[1..], rest.Length) : (rest[1..(next + 1)], next + 1);
        }

        return (rest, rest.Length);

        int Close(int from) => rest.IndexOf("']", from, StringComparison.Ordinal);
    }
}
