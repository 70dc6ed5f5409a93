using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Holdfast.Contracts;

/// <summary>Ids of orders and reservations as callers see them: a prefix and 32 hexadecimal digits.</summary>
public static class PublicId
{
    public const string Order = "ord_";
    public const string Reservation = "res_";

    private const int LengthBytes = sizeof(int);

    /// <summary>Bytes of parts that are put together on the stack.</summary>
    private const int StackBytes = 512;

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
        var length = 0;
        foreach (var part in parts) length += LengthBytes + Encoding.UTF8.GetByteCount(part);
        var bytes = length <= StackBytes ? stackalloc byte[StackBytes] : new byte[length];
        var rest = bytes;
        foreach (var part in parts)
        {
            // Each part is preceded by its length, or ("ab", "c") would give the id of ("a", "bc").
            var written = Encoding.UTF8.GetBytes(part, rest[LengthBytes..]);
            BinaryPrimitives.WriteInt32BigEndian(rest, written);
            rest = rest[(LengthBytes + written)..];
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..length], digest);
        digest[6] = (byte)((digest[6] & 0x0F) | 0x80);
        digest[8] = (byte)((digest[8] & 0x3F) | 0x80);
        return new Guid(digest[..16], bigEndian: true);
    }
}
