using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Problems;
using Holdfast.Api.Http.Requests;

namespace Holdfast.Api.Profiles;

/// <summary>Checks a profile, or a merge patch of one (RFC 7396), and writes it out with nothing in it that was not checked.</summary>
internal sealed class ProfileJson
{
    /// <summary>Characters in one text.</summary>
    public const int TextLength = 200;

    /// <summary>Members of preferences in one request.</summary>
    public const int Preferences = 100;

    private static readonly JsonWriterOptions Compact = new() { Encoder = StrictJson.Encoder };

    private readonly bool _patch;
    private readonly Utf8JsonWriter _writer;
    private Checks _checks;

    private ProfileJson(bool patch, Utf8JsonWriter writer)
    {
        _patch = patch;
        _writer = writer;
    }

    /// <summary>Reads the body and checks it.</summary>
    /// <exception cref="RefusedRequestException">400, 415 or 422: it is not a profile.</exception>
    public static async ValueTask<string> Read(HttpContext context, bool patch) => Check(await JsonBodies.Read(context), patch);

    /// <param name="patch">The body is a merge patch: null removes a member.</param>
    /// <exception cref="RefusedRequestException">400: unknown members or wrong types. 422: out of bounds.</exception>
    public static string Check(JsonElement body, bool patch)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            var profile = new ProfileJson(patch, writer);
            profile.Object(body, "", profile.Member);
            profile._checks.Refuse();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The same members with the same values, in whatever order.</summary>
    public static bool AreSame(string one, string other) => JsonNode.DeepEquals(JsonNode.Parse(one), JsonNode.Parse(other));

    /// <summary>Of what it says: the order of members does not matter.</summary>
    /// <param name="json">A profile or a patch, as it was checked.</param>
    public static ulong Fingerprint(string json)
    {
        using var document = JsonDocument.Parse(json);
        var fingerprint = new Fingerprint();
        Add(document.RootElement, fingerprint);
        return fingerprint.Value;
    }

    private static void Add(JsonElement value, Fingerprint fingerprint)
    {
        fingerprint.Add((long)value.ValueKind);
        if (value.ValueKind == JsonValueKind.String) fingerprint.Add(value.GetString());
        if (value.ValueKind != JsonValueKind.Object) return;
        fingerprint.Add(value.GetPropertyCount());
        foreach (var member in value.EnumerateObject().OrderBy(static member => member.Name, StringComparer.Ordinal))
        {
            fingerprint.Add(member.Name);
            Add(member.Value, fingerprint);
        }
    }

    private bool Member(string name, JsonElement value, string path)
    {
        switch (name)
        {
            case "displayName" or "email" or "phone" or "locale":
                return Text(value, path);
            case "marketingConsent":
                if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
                    throw Malformed(path, ErrorCodes.WrongType, "must be true or false");
                _writer.WriteBooleanValue(value.GetBoolean());
                return true;
            case "address":
                return Object(value, path, AddressMember);
            case "preferences":
                Object(value, path, Preference);
                _checks.Require(
                    value.GetPropertyCount() <= Preferences, path, ErrorCodes.WrongCount, $"must have at most {Preferences} members");
                return true;
            default:
                return false;
        }
    }

    private bool AddressMember(string name, JsonElement value, string path) =>
        name is "line1" or "line2" or "city" or "region" or "postalCode" or "country" && Text(value, path);

    private bool Preference(string name, JsonElement value, string path)
    {
        _checks.Require(
            name.Length is >= 1 and <= TextLength && Checks.IsOneLine(name),
            path,
            ErrorCodes.InvalidText,
            $"must have a name of 1 to {TextLength} characters");
        return Text(value, path);
    }

    private bool Text(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.String) throw Malformed(path, ErrorCodes.WrongType, "must be a string");
        var text = JsonBodies.Unescape(value.GetString, path)!;
        _checks.Require(text.Length <= TextLength, path, ErrorCodes.TooLong, $"must have at most {TextLength} characters");
        _checks.Require(Checks.IsOneLine(text), path, ErrorCodes.InvalidText, "must not have control characters");
        _writer.WriteStringValue(text);
        return true;
    }

    private bool Object(JsonElement value, string path, Func<string, JsonElement, string, bool> member)
    {
        if (value.ValueKind != JsonValueKind.Object) throw Malformed(path, ErrorCodes.WrongType, "must be an object");
        _writer.WriteStartObject();
        foreach (var property in value.EnumerateObject())
        {
            var name = JsonBodies.Unescape(() => property.Name, path)!;
            var inner = RequestError.Member(path, name);
            _writer.WritePropertyName(name);
            if (property.Value.ValueKind == JsonValueKind.Null)
            {
                Null(inner, path, name);
                continue;
            }

            if (!member(name, property.Value, inner)) throw Malformed(inner, ErrorCodes.Unknown, "is not a known member");
        }

        _writer.WriteEndObject();
        return true;
    }

    private void Null(string path, string parent, string name)
    {
        if (!_patch) throw Malformed(path, ErrorCodes.Null, "must not be null; leave it out");
        if (!IsKnown(parent, name)) throw Malformed(path, ErrorCodes.Unknown, "is not a known member");
        _writer.WriteNullValue();
    }

    private static bool IsKnown(string parent, string name) => parent switch
    {
        "" => name is "displayName" or "email" or "phone" or "locale" or "marketingConsent" or "address" or "preferences",
        "/address" => name is "line1" or "line2" or "city" or "region" or "postalCode" or "country",
        _ => name.Length is >= 1 and <= TextLength && Checks.IsOneLine(name),
    };

    private static RefusedRequestException Malformed(string pointer, string code, string detail) =>
        Checks.Unreadable(RequestError.InBody(pointer, code, detail));
}
