using System.Globalization;
using System.Text;

namespace Holdfast.Tests.Api.Hostile;

/// <summary>What hostile requests are made of.</summary>
internal static class Chance
{
    /// <summary>Texts that a member may well have, and that do harm where somebody runs or shows them. None of them is a leak.</summary>
    public static readonly string[] Texts =
    [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'; DROP TABLE journal; --", "1' OR '1'='1", "${jndi:ldap://x/a}",
        "{{7*7}}", "%s%n%x", "../../../../etc/passwd", "\u202Etxt.exe", "\u0645\u0631\u062D\u0628\u0627", "\uD83D\uDE00", "\u200B",
        "__proto__",
        "constructor", "$type", "$ref", "a\tb", "\r\nSet-Cookie: a=b", "null", "-1", "NaN", " ", "\u0130", "e\u0301", "\uFFFE", "\uFEFF",
    ];

    public static T Pick<T>(this Random random, IReadOnlyList<T> of) => of[random.Next(of.Count)];

    public static bool OneIn(this Random random, int many) => random.Next(many) == 0;

    public static string Letters(this Random random, int count)
    {
        var text = new StringBuilder(count);
        for (var i = 0; i < count; i++) text.Append((char)('a' + random.Next(26)));
        return text.ToString();
    }

    public static string Hex(this Random random, int count)
    {
        var text = new StringBuilder(count);
        for (var i = 0; i < count; i++) text.Append(CultureInfo.InvariantCulture, $"{random.Next(16):x}");
        return text.ToString();
    }

    /// <summary>Any character of Latin-1 that a header may have on the wire.</summary>
    public static string Latin(this Random random, int count)
    {
        var text = new StringBuilder(count);
        for (var i = 0; i < count; i++) text.Append((char)(random.OneIn(4) ? random.Next(0xA0, 0x100) : random.Next(0x21, 0x7F)));
        return text.ToString();
    }

    /// <summary>In UTF-8, each byte as a character, as headers and request lines take it.</summary>
    public static string Raw(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    public static string Escaped(string text)
    {
        var escaped = new StringBuilder();
        foreach (var value in Encoding.UTF8.GetBytes(text)) escaped.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
        return escaped.ToString();
    }

    /// <summary>The text with another character at one place; at the last one it might be the same in Base64.</summary>
    public static string WithOneChanged(this Random random, string text, int from, string alphabet)
    {
        var at = random.Next(from, text.Length - 1);
        char other;
        do other = alphabet[random.Next(alphabet.Length)];
        while (other == text[at]);
        return string.Concat(text.AsSpan(0, at), [other], text.AsSpan(at + 1));
    }
}
