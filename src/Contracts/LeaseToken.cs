using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Holdfast.Contracts;

/// <summary>
/// What the holder of a lease shows: <c>hfl_NUMBER_MAC</c>, the term's number and 32 hexadecimal digits. The MAC is made of the lease's
/// name and the number, with a key of the store: so the same term has the same token for ever, and nobody can invent a later one and lock
/// others out with it. It is stored nowhere.
/// </summary>
public static class LeaseToken
{
    public const string Prefix = "hfl_";

    private const int MacBytes = 16;
    private const int MacLength = 2 * MacBytes;

    /// <summary>Digits of <see cref="Limits.WholeNumber"/>.</summary>
    private const int MostDigits = 16;

    /// <summary>Characters in the longest token.</summary>
    public const int MaxLength = 4 + MostDigits + 1 + MacLength;

    /// <summary>No other MAC of a store is made of what begins like this.</summary>
    private static ReadOnlySpan<byte> Purpose => "holdfast lease\0"u8;

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    public static string Make(ReadOnlySpan<byte> macKey, string name, long number)
    {
        Span<byte> mac = stackalloc byte[MacBytes];
        Mac(macKey, name, number, mac);
        return string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number}_{Convert.ToHexStringLower(mac)}");
    }

    /// <summary>Whether a text looks like a token, of whatever store.</summary>
    public static bool HasForm(ReadOnlySpan<char> text) => TryRead(text, out _, out _);

    /// <summary>Whether the text is the token of a term of the lease that this store has given out.</summary>
    public static bool TryVerify(ReadOnlySpan<char> text, ReadOnlySpan<byte> macKey, string name, out long number)
    {
        if (!TryRead(text, out number, out var hex)) return false;
        Span<byte> sent = stackalloc byte[MacBytes];
        Convert.FromHexString(hex, sent, out _, out _);
        Span<byte> mac = stackalloc byte[MacBytes];
        Mac(macKey, name, number, mac);

        // In one time, wherever they differ.
        return CryptographicOperations.FixedTimeEquals(mac, sent);
    }

    private static bool TryRead(ReadOnlySpan<char> text, out long number, out ReadOnlySpan<char> mac)
    {
        number = 0;
        mac = default;
        if (text.Length > MaxLength || !text.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        var rest = text[Prefix.Length..];
        var end = rest.IndexOf('_');
        if (end is < 1 or > MostDigits || rest[0] == '0') return false;
        mac = rest[(end + 1)..];
        return long.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number <= Limits.WholeNumber
            && mac.Length == MacLength
            && !mac.ContainsAnyExcept(Hex);
    }

    private static void Mac(ReadOnlySpan<byte> macKey, string name, long number, Span<byte> mac)
    {
        var bytes = new byte[Purpose.Length + sizeof(long) + Encoding.UTF8.GetByteCount(name)];
        Purpose.CopyTo(bytes);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(Purpose.Length), number);
        Encoding.UTF8.GetBytes(name, bytes.AsSpan(Purpose.Length + sizeof(long)));
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(macKey, bytes, whole);
        whole[..MacBytes].CopyTo(mac);
    }
}
