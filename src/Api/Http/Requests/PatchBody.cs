using System.Text.Json;
using Holdfast.Api.Http.Problems;

namespace Holdfast.Api.Http.Requests;

/// <summary>Reads a merge patch (RFC 7396) member by member: what is left out stays, and a null removes.</summary>
internal static class PatchBody
{
    /// <summary>The members of an object, with where they stand.</summary>
    /// <exception cref="RefusedRequestException">400: it is none, or has a name that is no text of Unicode.</exception>
    public static IEnumerable<(string Name, JsonElement Value, string Place)> Members(JsonElement body, string pointer)
    {
        if (body.ValueKind != JsonValueKind.Object) throw WrongType(pointer, "must be an object");
        return body.EnumerateObject().Select(Named);

        (string, JsonElement, string) Named(JsonProperty member)
        {
            var name = JsonBodies.Unescape(() => member.Name, pointer)!;
            return (name, member.Value, RequestError.Member(pointer, name));
        }
    }

    /// <summary>Null removes it.</summary>
    /// <exception cref="RefusedRequestException">400: it is no text.</exception>
    public static string? Text(JsonElement value, string pointer)
    {
        if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null)) throw WrongType(pointer, "must be a string or null");
        return JsonBodies.Unescape(value.GetString, pointer);
    }

    /// <summary>Of a member that has to be there.</summary>
    /// <exception cref="RefusedRequestException">400: it is no text.</exception>
    public static string RequiredText(JsonElement value, string pointer)
    {
        RefuseNull(value, pointer);
        if (value.ValueKind != JsonValueKind.String) throw WrongType(pointer, "must be a string");
        return JsonBodies.Unescape(value.GetString, pointer)!;
    }

    /// <summary>Null removes it, which is no.</summary>
    /// <exception cref="RefusedRequestException">400: it is neither true nor false.</exception>
    public static bool Flag(JsonElement value, string pointer) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False or JsonValueKind.Null => false,
        _ => throw WrongType(pointer, "must be true, false or null"),
    };

    /// <summary>Of a member that has to be there.</summary>
    /// <exception cref="RefusedRequestException">400: it is no whole number. 422: it is too large for one.</exception>
    public static long WholeNumber(JsonElement value, string pointer)
    {
        RefuseNull(value, pointer);
        try
        {
            return value.Deserialize(StrictJson.Bodies.Int64);
        }
        catch (JsonException exception)
        {
            throw new RefusedRequestException(BindingProblem.From(exception, pointer), exception);
        }
    }

    public static RefusedRequestException Unknown(string pointer) =>
        Checks.Unreadable(RequestError.InBody(pointer, ErrorCodes.Unknown, "is not a known member"));

    /// <exception cref="RefusedRequestException">400: a null, which would remove what has to be there.</exception>
    public static void RefuseNull(JsonElement value, string pointer)
    {
        if (value.ValueKind == JsonValueKind.Null)
            throw Checks.Unreadable(RequestError.InBody(pointer, ErrorCodes.Null, "must not be null"));
    }

    private static RefusedRequestException WrongType(string pointer, string detail) =>
        Checks.Unreadable(RequestError.InBody(pointer, ErrorCodes.WrongType, detail));
}
