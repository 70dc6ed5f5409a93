using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Contracts;

namespace Holdfast.Api.Http.Requests;

/// <summary>
/// Whole numbers in any spelling that JSON has for them: 10, 10.0 and 1e1 are one number (RFC 8259 §6). None is beyond what a double
/// holds exactly, since readers in other languages would round it without a word.
/// </summary>
internal sealed class WholeNumbers : JsonConverter<long>
{
    public const string NotWhole = "The number is not whole.";
    public const string TooLarge = "The number is too large.";

    /// <summary>Digits of the largest number.</summary>
    private const int Digits = 16;

    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        // A text is no number; the reader itself says so.
        if (reader.TokenType != JsonTokenType.Number) throw new JsonException();
        if (!reader.TryGetInt64(out var value)) value = Parse(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan);
        return value is >= -Limits.WholeNumber and <= Limits.WholeNumber ? value : throw new JsonException(TooLarge);
    }

    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteNumberValue(value);

    /// <param name="text">A number, as JSON spells them: -12.50e+3.</param>
    private static long Parse(ReadOnlySpan<byte> text)
    {
        var negative = text[0] == '-';
        var (mantissa, exponent) = Split(negative ? text[1..] : text);
        var point = mantissa.IndexOf((byte)'.');

        // Where the point stands after the digits that are left: 12.50e+3 is 125 and two zeros.
        var zeros = exponent;
        long value = 0;
        var (digits, pending) = (0, 0);
        for (var i = 0; i < mantissa.Length; i++)
        {
            if (i == point) continue;
            if (point >= 0 && i > point) zeros--;
            if (mantissa[i] == '0')
            {
                pending++;
                continue;
            }

            // Zeros in front count for nothing, and those at the end only move the point.
            digits += digits == 0 ? 1 : pending + 1;
            if (digits > Digits) value = 1;
            else value = (value * PowerOf10(digits == 1 ? 1 : pending + 1)) + (mantissa[i] - '0');
            pending = 0;
        }

        if (digits == 0) return 0;
        zeros += pending;
        if (zeros < 0) throw new JsonException(NotWhole);
        if (digits + zeros > Digits) throw new JsonException(TooLarge);
        return (negative ? -value : value) * PowerOf10((int)zeros);
    }

    private static (byte[] Mantissa, long Exponent) Split(ReadOnlySpan<byte> text)
    {
        var at = text.IndexOfAny((byte)'e', (byte)'E');
        if (at < 0) return (text.ToArray(), 0);

        // No body is long enough to make up for more than this with zeros of its own.
        const long Enough = 1_000_000_000;
        long exponent = 0;
        foreach (var digit in text[(at + 1)..].TrimStart("+-"u8)) exponent = Math.Min((exponent * 10) + (digit - '0'), Enough);
        return (text[..at].ToArray(), text[at + 1] == '-' ? -exponent : exponent);
    }

    private static long PowerOf10(int zeros)
    {
        long power = 1;
        for (var i = 0; i < zeros; i++) power *= 10;
        return power;
    }
}
