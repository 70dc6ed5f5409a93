using System.Globalization;
using System.Text;
using Holdfast.Contracts;

namespace Holdfast.Api.Http;

/// <summary>
/// The rule for every name that a caller gives to something: a SKU, a customer's or a user's id, a counter's name; in paths and in
/// bodies alike. What looks the same is the same: one spelling each, and nothing in it that nobody sees.
/// </summary>
internal static class Names
{
    public const string Rule =
        "must have 1 to 128 characters in Unicode normalization form C, without white space around them and without control, format or "
        + "bidirectional characters, and not be '.' or '..'";

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
            characters++;
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                return false;
            }
        }

        return characters <= Limits.KeyLength;
    }
}
