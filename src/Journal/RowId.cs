using System.Buffers.Binary;

namespace Holdfast.Journal;

/// <summary>Ids of rows that nobody has to guess: of appends and of messages.</summary>
public static class RowId
{
    /// <summary>
    /// A UUIDv7 (RFC 9562). Its 74 random bits are not cryptographic: those of <see cref="Guid.CreateVersion7(DateTimeOffset)"/> are, and cost a
    /// system call for each.
    /// </summary>
    public static Guid New(DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[16];
#pragma warning disable RS0030 // Nothing follows from these bits that a run would have to repeat: they tell rows apart.
        Random.Shared.NextBytes(bytes[6..]);
#pragma warning restore RS0030
        var milliseconds = at.ToUnixTimeMilliseconds();
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(milliseconds >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], (uint)milliseconds);
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new(bytes, bigEndian: true);
    }
}
