using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace Holdfast.Tests.Api.Hostile;

/// <summary>
/// Bodies that cannot be taken, each made of one that would be. What could be one by accident is not made: no null for a member that may be
/// left out, no other text for a text, no mark of the byte order before a body that would do.
/// </summary>
internal static class HostileBodies
{
    /// <summary>Stands in a body where something goes that no writer of JSON would write.</summary>
    private const string Mark = "\"\u00A7\"";

    private const int TooManyBytes = 300 * 1024;

    /// <summary>For no text of ours: control characters, halves of characters, nothing of the kind.</summary>
    private static readonly string[] NoTexts =
    [
        "\"\\u0000\"", "\"a\\u0000b\"", "\"\\u0007\"", "\"a\\r\\nb\"", "\"\\u0085\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\ud83d\\ud83d\"",
        "\"a\nb\"", "\"\u0001\"", "\"\\x41\"", "\"\\u12\"", "\"abc", "'abc'", "7", "true", "false", "[]", "{}", "[\"x\"]", "{\"x\":\"y\"}",
        "1e999",
        "\"" + new string('x', 5_000) + "\"", "undefined", "\"a\" \"b\"",
    ];

    private static readonly string[] NoNumbers =
    [
        "\"1\"", "true", "[]", "{}", "[1]", "1.5", "0.1", "1e400", "-1e400", "1e19", "1e-1", "9007199254740993", "-9007199254740993",
        "9223372036854775807", "9223372036854775808", "-9223372036854775809", "99999999999999999999999999999999999999", "0x10", "01", "+1",
        ".5",
        "1.", "1_0", "NaN", "Infinity", "-Infinity", "-", "1e", "--1", "\"NaN\"", "\u0661", "1 1",
    ];

    private static readonly string[] NoBodies =
    [
        "null", "[]", "0", "true", "\"\"", "\"{}\"", "[{}]", "{", "}", "{]", "{\"", "{\"a\"", "{\"a\":", "{\"a\":1,}", "{,}", "{a:1}",
        "{'a':1}", "\0", " ",
        "\t\r\n", "NaN", "-", "//x", "/**/", "<?xml version=\"1.0\"?><a/>", "a=1&b=2",
        "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--",
        "%7B%7D", "\u00A7",
    ];

    private static readonly byte[][] NoUtf8 =
    [
        [0xFF], [0xFE], [0x80], [0xC3], [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80], [0xED, 0xB0, 0x80],
        [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
    ];

    public static void Spoil(Draft draft, Random random)
    {
        var valid = draft.Target.Body!;
        (string Kind, Func<byte[]> Make)[] ways =
        [
            ("a wrong value", () => Utf8(WithValue(valid, random))),
            ("a wrong value", () => Utf8(WithValue(valid, random))),
            ("a wrong value", () => Utf8(WithValue(valid, random))),
            ("an unknown member", () => Utf8(WithMember(valid, random))),
            ("an unknown member", () => Utf8(WithMember(valid, random))),
            ("a member twice", () => Utf8(WithTwice(valid, random))),
            ("a member in capitals", () => Utf8(InCapitals(valid))),
            ("no JSON", () => Utf8(random.Pick(NoBodies))),
            ("an end too early", () => Utf8(valid[..random.Next(1, valid.Length)])),
            ("more behind it", () => Utf8(valid + random.Pick(["x", "{}", valid, ",", "]", "}", "\0", "\"", "null", "1"]))),
            ("nesting", () => Utf8(Nested(valid, random))),
            ("bytes that are no UTF-8", () => With(valid, random.Pick(NoUtf8), random)),
            ("a flipped bit", () => Flipped(Utf8(valid), random)),
            ("another encoding", () => random.Pick([Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32]).GetBytes(valid)),
            ("compression", () => Compressed(Utf8(valid))),
            ("any bytes", () => Any(random)),
            ("nothing", () => draft.Target.BodyIsRequired ? [] : [0]),
        ];
        var (kind, make) = random.Pick(ways);
        if (random.OneIn(200))
        {
            (kind, make) = ("too much", () => [.. Enumerable.Repeat((byte)' ', TooManyBytes), .. "{"u8]);
            draft.IsTooLarge = true;
        }

        draft.Body = make();
        draft.Spoilt.Add("a body with " + kind);
    }

    /// <summary>Where no body is expected, or beside what spoils the request already.</summary>
    public static byte[] Harmless(Draft draft, Random random) => draft.Target.Body is not { } valid
        ? random.OneIn(2) ? Any(random) : Utf8(random.Pick(NoBodies))
        : random.Next(3) switch
        {
            0 => [0xEF, 0xBB, 0xBF, .. Utf8(valid)],
            1 => Utf8($" \r\n\t{valid}\n\n"),
            _ => Utf8(WithText(valid, random)),
        };

    private static string WithValue(string valid, Random random)
    {
        var (marked, isNumber) = Marked(valid, random);
        return marked.Replace(Mark, random.Pick(isNumber ? NoNumbers : NoTexts), StringComparison.Ordinal);
    }

    private static string WithText(string valid, Random random)
    {
        var (marked, _) = Marked(valid, random);
        return marked.Replace(Mark, JsonValue.Create(random.Pick(Chance.Texts)).ToJsonString(), StringComparison.Ordinal);
    }

    /// <summary>The body with a mark in place of one of its values that are no object and no list.</summary>
    private static (string Text, bool IsNumber) Marked(string valid, Random random)
    {
        var root = JsonNode.Parse(valid)!;
        var leaf = random.Pick(Leaves(root).ToArray());
        var isNumber = leaf.GetValueKind() == System.Text.Json.JsonValueKind.Number;
        leaf.ReplaceWith("\u00A7");
        return (root.ToJsonString().Replace("\"\\u00A7\"", Mark, StringComparison.Ordinal), isNumber);
    }

    private static IEnumerable<JsonNode> Leaves(JsonNode node) => node switch
    {
        JsonObject members => members.Select(static member => member.Value).OfType<JsonNode>().SelectMany(Leaves),
        JsonArray items => items.OfType<JsonNode>().SelectMany(Leaves),
        _ => [node],
    };

    private static string WithMember(string valid, Random random)
    {
        var name = random.Next(4) switch
        {
            0 => "\"x" + random.Letters(6) + "\"",
            1 => random.Pick(["\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"a/b~c\"", "\"\\\"\"", "\"a.b[0]\"", "\"'\"",
                $"\"{new string('n', 3_000)}\""]),
            _ => JsonValue.Create(random.Pick(Chance.Texts)).ToJsonString(),
        };
        var value = random.Pick(["1", "null", "\"x\"", "{}", "[]", "true", "\"<script>alert(1)</script>\"", "{\"$type\":\"System.Object\"}",
            "1e400"]);
        return random.OneIn(2)
            ? $"{{{name}:{value},{valid.AsSpan(1)}"
            : $"{valid.AsSpan(0, valid.Length - 1)},{name}:{value}}}";
    }

    private static string WithTwice(string valid, Random random)
    {
        var (name, value) = random.Pick(JsonNode.Parse(valid)!.AsObject().ToArray());
        var spelling = random.OneIn(2) ? name : $"\\u00{Convert.ToHexStringLower([(byte)name[0]])}{name[1..]}";
        return $"{{\"{spelling}\":{value!.ToJsonString()},{valid.AsSpan(1)}";
    }

    private static string InCapitals(string valid)
    {
        var root = JsonNode.Parse(valid)!.AsObject();
        var (name, value) = root.First();
        root.Remove(name);
        root[name.ToUpperInvariant()] = value;
        return root.ToJsonString();
    }

    private static string Nested(string valid, Random random)
    {
        var depth = random.Pick([17, 64, 65, 1_000, 30_000]);
        var deep = random.OneIn(2)
            ? new string('[', depth) + new string(']', random.OneIn(3) ? 0 : depth)
            : string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
        return random.OneIn(2) ? deep : Marked(valid, random).Text.Replace(Mark, deep, StringComparison.Ordinal);
    }

    private static byte[] With(string valid, byte[] bytes, Random random)
    {
        var at = random.Next(1, valid.Length);
        return [.. Utf8(valid[..at]), .. bytes, .. Utf8(valid[at..])];
    }

    /// <summary>The highest one of a character of ASCII: a byte that begins, or goes on, a character that is not there.</summary>
    private static byte[] Flipped(byte[] valid, Random random)
    {
        valid[random.Next(valid.Length)] ^= 0x80;
        return valid;
    }

    private static byte[] Compressed(byte[] valid)
    {
        var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest)) gzip.Write(valid);
        return bytes.ToArray();
    }

    /// <summary>The first one begins no JSON.</summary>
    private static byte[] Any(Random random)
    {
        var bytes = new byte[random.Next(1, 200)];
        random.NextBytes(bytes);
        bytes[0] = (byte)random.Next(0x80, 0x100);
        return bytes;
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
