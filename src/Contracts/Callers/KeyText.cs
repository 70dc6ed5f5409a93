using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Holdfast.Contracts.Callers;

/// <summary>
/// A key as its holder has it: <c>hf_ID_SECRET_MAC</c>, of 16, 64 and 32 hexadecimal digits. The MAC is made with a key of the store, so
/// that one that somebody invented is told from a real one without looking anything up. The text is shown once and stored nowhere: of the
/// secret only its SHA-256 is. It is random, so that a slow hash would defend nothing.
/// </summary>
public static class KeyText
{
    public const string Prefix = "hf_";

    /// <summary>Bytes of the store's key for the MACs.</summary>
    public const int MacKeyBytes = 32;

    private const int IdBytes = 8;
    private const int SecretBytes = 32;
    private const int MacBytes = 16;
    private const int IdEnd = 3 + (2 * IdBytes);
    private const int SecretEnd = IdEnd + 1 + (2 * SecretBytes);

    /// <summary>Characters in the whole text.</summary>
    public const int Length = SecretEnd + 1 + (2 * MacBytes);

    /// <summary>Digits in the id of a key.</summary>
    public const int IdLength = 2 * IdBytes;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <summary>Draws a new key.</summary>
    /// <returns>Its id, the SHA-256 of its secret as hexadecimal digits, and its text.</returns>
    public static (string Id, string Hash, string Text) Draw(ReadOnlySpan<byte> macKey)
    {
        Span<byte> random = stackalloc byte[IdBytes + SecretBytes];
        RandomNumberGenerator.Fill(random);
        var id = Convert.ToHexStringLower(random[..IdBytes]);
        var head = $"{Prefix}{id}_{Convert.ToHexStringLower(random[IdBytes..])}";
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(macKey, Encoding.ASCII.GetBytes(head), mac);
        return (id, Convert.ToHexStringLower(SHA256.HashData(random[IdBytes..])), $"{head}_{Convert.ToHexStringLower(mac[..MacBytes])}");
    }

    /// <summary>Whether a text looks like a key, of whatever store.</summary>
    public static bool HasForm(ReadOnlySpan<char> text) =>
        text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal) && text[IdEnd] == '_' && text[SecretEnd] == '_'
        && !text[Prefix.Length..IdEnd].ContainsAnyExcept(Digits) && !text[(IdEnd + 1)..SecretEnd].ContainsAnyExcept(Digits)
        && !text[(SecretEnd + 1)..].ContainsAnyExcept(Digits);

    /// <summary>Whether the text is a key that this store has made, whatever became of it since. Looks nothing up.</summary>
    /// <param name="hash">Room for the SHA-256 of its secret.</param>
    /// <param name="id">The key's id.</param>
    public static bool TryVerify(ReadOnlySpan<char> text, ReadOnlySpan<byte> macKey, Span<byte> hash, [NotNullWhen(true)] out string? id)
    {
        id = null;
        if (!HasForm(text)) return false;
        Span<byte> ascii = stackalloc byte[Length];
        Encoding.ASCII.GetBytes(text, ascii);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(macKey, ascii[..SecretEnd], mac);
        Span<byte> expected = stackalloc byte[2 * MacBytes];
        Convert.TryToHexStringLower(mac[..MacBytes], expected, out _);

        // In one time, wherever they differ.
        if (!CryptographicOperations.FixedTimeEquals(expected, ascii[(SecretEnd + 1)..])) return false;
        Span<byte> secret = stackalloc byte[SecretBytes];
        Convert.FromHexString(text[(IdEnd + 1)..SecretEnd], secret, out _, out _);
        SHA256.HashData(secret, hash);
        id = text[Prefix.Length..IdEnd].ToString();
        return true;
    }

    /// <summary>Draws a store's key for the MACs, as the store keeps it.</summary>
    public static byte[] DrawMacKey() => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(MacKeyBytes)));

    /// <summary>A store's key for the MACs.</summary>
    /// <param name="stored">As the store keeps it.</param>
    public static byte[] ReadMacKey(ReadOnlySpan<byte> stored) => Convert.FromHexString(Encoding.ASCII.GetString(stored));

    /// <summary>Whether a text can be the name of a key: 1 to 64 letters, digits, '.', '_' or '-'.</summary>
    public static bool IsName(string text) =>
        text.Length is >= 1 and <= Limits.KeyNameLength && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>Whether a text can be the id of a key.</summary>
    public static bool IsId(string text) => text.Length == IdLength && !text.AsSpan().ContainsAnyExcept(Digits);
}
