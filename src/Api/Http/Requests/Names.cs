using System.Globalization;
using System.Text;
using Holdfast.Contracts;

namespace Holdfast.Api.Http.Requests;

/// <summary>
/// The rule for every name that a caller gives to something: a SKU, a customer's or a user's id, a counter's name; in paths and in
/// bodies alike. What looks the same is the same: one spelling each, and nothing in it that nobody sees.
/// </summary>
internal static class Names
{
    public const string Rule =
        "must have 1 to 128 characters in Unicode normalization form C, without white space around them, without characters that cannot be seen "
        + "(control, format and bidirectional ones, fillers, variation selectors, blanks other than the space), and not be '.' or '..'";

    /// <summary>What Unicode calls default ignorable, besides format characters, and the blank of Braille: first and last of each range.</summary>
    private static readonly (int First, int Last)[] Unseen =
    [
        (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0), (0xE0000, 0xE0FFF),
    ];

    public static bool IsName(string value)
    {
        // Twice as many as there may be: a character outside of the basic plane takes two.
        if (value.Length is 0 or > 2 * Limits.KeyLength || value is "." or "..") return false;
        if (IsPlain(value)) return value.Length <= Limits.KeyLength;
        return !char.IsWhiteSpace(value[0])
            && !char.IsWhiteSpace(value[^1])
            && Checks.IsWellFormed(value)
            && IsVisible(value)
            && Nfc.Is(value);
    }

    /// <summary>What nearly all names are: printable ASCII, with no blank around it.</summary>
    private static bool IsPlain(string value) => !value.AsSpan().ContainsAnyExceptInRange(' ', '~') && value[0] != ' ' && value[^1] != ' ';

    private static bool IsVisible(string value)
    {
        var characters = 0;
        foreach (var rune in value.EnumerateRunes())
        {
            if (!IsVisible(rune, isFirst: characters++ == 0)) return false;
        }

        return characters <= Limits.KeyLength;
    }

    private static bool IsVisible(Rune rune, bool isFirst) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.SpaceSeparator => rune.Value == ' ',

        // It would be drawn over what stands before the name.
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark when isFirst => false,
        _ => !IsNoCharacter(rune.Value) && !Array.Exists(Unseen, range => range.First <= rune.Value && rune.Value <= range.Last),
    };

    private static bool IsNoCharacter(int value) => (value & 0xFFFE) == 0xFFFE || value is >= 0xFDD0 and <= 0xFDEF;
}
