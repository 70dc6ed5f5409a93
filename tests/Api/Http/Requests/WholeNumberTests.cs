using System.Globalization;
using System.Numerics;
using System.Text.Json;
using CsCheck;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;

namespace Holdfast.Tests.Api.Http.Requests;

public sealed class WholeNumberTests
{
    private static readonly JsonSerializerOptions Options = new() { Converters = { new WholeNumbers(), new Timestamps() } };

    [Theory]
    [InlineData("9007199254740991", Limits.WholeNumber)]
    [InlineData("-9007199254740991", -Limits.WholeNumber)]
    [InlineData("9007199254740991.000", Limits.WholeNumber)]
    [InlineData("0.9007199254740991e16", Limits.WholeNumber)]
    [InlineData("-0", 0)]
    [InlineData("-0.0e99", 0)]
    [InlineData("0e999999999999999999999", 0)]
    [InlineData("1000e-3", 1)]
    [InlineData("10.50e2", 1050)]
    [InlineData("100.00E0", 100)]
    public void A_whole_number_is_read_exactly(string text, long value) => Assert.Equal(value, Read(text));

    [Theory]
    [InlineData("9007199254740992", WholeNumbers.TooLarge)]
    [InlineData("-9007199254740992", WholeNumbers.TooLarge)]
    [InlineData("9223372036854775807", WholeNumbers.TooLarge)]
    [InlineData("9223372036854775808", WholeNumbers.TooLarge)]
    [InlineData("1e16", WholeNumbers.TooLarge)]
    [InlineData("1e999999999999999999999", WholeNumbers.TooLarge)]
    [InlineData("12345678901234567890.0", WholeNumbers.TooLarge)]
    [InlineData("1.5", WholeNumbers.NotWhole)]
    [InlineData("15e-1", WholeNumbers.NotWhole)]
    [InlineData("1e-999999999999999999999", WholeNumbers.NotWhole)]
    [InlineData("9007199254740991.1", WholeNumbers.NotWhole)]
    [InlineData("0.00000000000000000000000000000000001", WholeNumbers.NotWhole)]
    public void Any_other_number_is_refused_for_what_it_is(string text, string because) =>
        Assert.Equal(because, Assert.Throws<JsonException>(() => Read(text)).Message);

    [Fact]
    public void Every_spelling_agrees_with_exact_arithmetic()
    {
        var digits = Gen.Char['0', '9'].Array[1, 20]
            .Select(static digits => new string(digits).TrimStart('0') is { Length: > 0 } text ? text : "0");
        Gen.Select(Gen.Bool, digits, Gen.Char['0', '9'].Array[0, 20], Gen.Int[-25, 25], Gen.Bool).Sample(
            static (negative, whole, fraction, exponent, capital) =>
            {
                var text = (negative ? "-" : "") + whole + (fraction.Length > 0 ? "." + new string(fraction) : "")
                    + (exponent == 0 ? "" : (capital ? "E" : "e") + exponent.ToString(CultureInfo.InvariantCulture));
                Assert.Equal((text, Exactly(whole + new string(fraction), exponent - fraction.Length, negative)), (text, Maybe(text)));
            },
            iter: 20_000,
            threads: 1);
    }

    [Fact]
    public void A_time_is_written_in_utc_to_the_millisecond() => Assert.Equal(
        "\"2026-03-01T11:00:00.120Z\"",
        JsonSerializer.Serialize(new DateTimeOffset(2026, 3, 1, 12, 0, 0, 120, TimeSpan.FromHours(1)), Options));

    /// <summary>Null: it is no whole number, or too large to be one.</summary>
    private static long? Exactly(string digits, int exponent, bool negative)
    {
        var value = BigInteger.Parse(digits, CultureInfo.InvariantCulture);
        if (exponent > 0) value *= BigInteger.Pow(10, exponent);
        else if (!(value % BigInteger.Pow(10, -exponent)).IsZero) return null;
        else value /= BigInteger.Pow(10, -exponent);
        return value > Limits.WholeNumber ? null : (long)(negative ? -value : value);
    }

    private static long? Maybe(string text)
    {
        try
        {
            return Read(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static long Read(string text) => JsonSerializer.Deserialize<long>(text, Options);
}
