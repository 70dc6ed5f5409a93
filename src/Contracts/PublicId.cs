using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Holdfast.Contracts;

/// <summary>Ids of orders and reservations as callers see them: a prefix and 32 hexadecimal digits.</summary>
public static class PublicId
{
    public const string Order = "ord_";
    public const string Reservation = "res_";

    public static string Format(string prefix, Guid id) => prefix + id.ToString("N");

    /// <summary>False unless <paramref name="text"/> is the prefix and 32 lower-case hexadecimal digits.</summary>
    public static bool TryParse(string prefix, string text, out Guid id)
    {
        id = default;
        return text.StartsWith(prefix, StringComparison.Ordinal)
            && Guid.TryParseExact(text.AsSpan(prefix.Length), "N", out id)
            && Format(prefix, id) == text;
    }

    /// <summary>A UUIDv8 made from the SHA-256 of the parts (RFC 9562 §5.8): the same parts give the same id, for ever.</summary>
    public static Guid Derive(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        foreach (var part in parts)
        {
            // Each part is preceded by its length, or ("ab", "c") would give the id of ("a", "bc").
            var bytes = System.Text.Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        Span<byte> digest = stackalloc byte[32];
        hash.GetHashAndReset(digest);
        digest[6] = (byte)((digest[6] & 0x0F) | 0x80);
        digest[8] = (byte)((digest[8] & 0x3F) | 0x80);
        return new Guid(digest[..16], bigEndian: true);
    }
}
