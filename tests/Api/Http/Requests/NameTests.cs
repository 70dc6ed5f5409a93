using System.Globalization;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;

namespace Holdfast.Tests.Api.Http.Requests;

public sealed class NameTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("BANK CHARGES", true)]
    [InlineData("BLUE/WHITE", true)]
    [InlineData("été-🫖", true)]
    [InlineData("...", true)]
    [InlineData("a\u0301", false)]
    [InlineData("q\u0301", true)]
    [InlineData("\u0301", false)]
    [InlineData("a\u00A0b", false)]
    [InlineData("a\u3000b", false)]
    [InlineData("\u3164", false)]
    [InlineData("\u2800", false)]
    [InlineData("a\uFE0F", false)]
    [InlineData("a\uFFFF", false)]
    [InlineData("a\uFDD0", false)]
    [InlineData("a\U0001FFFE", false)]
    [InlineData("a\U000E0100", false)]
    [InlineData("", false)]
    [InlineData(" ", false)]
    [InlineData("\u3000\u00A0", false)]
    [InlineData(" a", false)]
    [InlineData("a\u2003", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("a\u0000", false)]
    [InlineData("a\nb", false)]
    [InlineData("a\u0085b", false)]
    [InlineData("a\u007F", false)]
    [InlineData("a\u00ADb", false)]
    [InlineData("a\u200Db", false)]
    [InlineData("a\u202Eb", false)]
    [InlineData("\u061Ca", false)]
    [InlineData("a\u2029b", false)]
    [InlineData("a\U000E0041", false)]
    public void A_name_is_what_a_reader_can_see(string name, bool good) => Assert.Equal(good, Names.IsName(name));

    [Fact]
    public void A_name_has_at_most_128_characters_whatever_their_plane()
    {
        var teapot = "" + '\uD83E' + '\uDED6';
        Assert.True(Names.IsName(new string('x', 128)));
        Assert.False(Names.IsName(new string('x', 129)));
        Assert.True(Names.IsName(string.Concat(Enumerable.Repeat(teapot, 128))));
        Assert.False(Names.IsName(string.Concat(Enumerable.Repeat(teapot, 128)) + "x"));
        Assert.False(Names.IsName(new string('é', 129)));
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_no_text()
    {
        Assert.False(Names.IsName("a" + '\uD800'));
        Assert.False(Names.IsName('\uDC00' + "a"));
        Assert.False(Names.IsName("" + '\uD83E' + '\uD83E' + '\uDED6'));
    }

    [Theory]
    [InlineData("\u00E9", "e\u0301")]
    [InlineData("\u00C5", "\u212B")]
    [InlineData("\u1E69", "s\u0307\u0323")]
    [InlineData("\u1E69", "\u1E63\u0307")]
    [InlineData("q\u0323\u0307", "q\u0307\u0323")]
    [InlineData("\u1EA1\u0308", "\u00E4\u0323")]
    [InlineData("\uAC00\uAC01", "\u1100\u1161\u1100\u1161\u11A8")]
    [InlineData("\uAC01", "\uAC00\u11A8")]
    [InlineData("\u304C", "\u304B\u3099")]
    [InlineData("\u09CB", "\u09C7\u09BE")]
    [InlineData("\u0915\u093C", "\u0958")]
    [InlineData("\u0BCA", "\u0BC6\u0BBE")]
    [InlineData("\u8C48", "\uF900")]
    [InlineData("x\u0304", null)]
    [InlineData("\u0E17\u0E35\u0E48", null)]
    [InlineData("\u0627\u0654\u0627", "\u0627\u0654\u0627")]
    public void Of_two_spellings_of_one_text_one_is_a_name(string composed, string? other)
    {
        if (composed != other) Assert.True(Names.IsName(composed), Codes(composed));
        if (other is not null) Assert.False(Names.IsName(other), Codes(other));

        static string Codes(string text) => string.Join(' ', text.Select(static character => ((int)character).ToString("X4", CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("EUR", 2)]
    [InlineData("JPY", 0)]
    [InlineData("KWD", 3)]
    [InlineData("CLF", 4)]
    public void A_currency_has_its_minor_units(string code, int digits) => Assert.Equal(digits, Currencies.MinorUnits(code));

    [Theory]
    [InlineData("QQQ")]
    [InlineData("XSU")]
    [InlineData("XTS")]
    [InlineData("XAU")]
    [InlineData("eur")]
    [InlineData("")]
    public void What_nobody_is_paid_in_is_no_currency(string code) => Assert.False(Currencies.IsKnown(code));

    [Fact]
    public void Every_currency_has_three_letters_and_stands_once()
    {
        Assert.All(Currencies.All, static code => Assert.True(code.Length == 3 && code.All(char.IsAsciiLetterUpper), code));
        Assert.InRange(Currencies.All.Count, 150, 180);
    }
}
