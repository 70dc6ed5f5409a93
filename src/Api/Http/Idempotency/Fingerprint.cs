using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Holdfast.Api.Http.Idempotency;

/// <summary>A hash of what a request asks for, after parsing: spelling, spaces and the order of members do not matter.</summary>
internal sealed class Fingerprint
{
    private readonly ArrayBufferWriter<byte> _canonical = new();

    public Fingerprint Add(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_canonical.GetSpan(sizeof(long)), value);
        _canonical.Advance(sizeof(long));
        return this;
    }

    public Fingerprint Add(string? value)
    {
        // The length goes first, or ("ab", "c") would have the fingerprint of ("a", "bc").
        Add(value?.Length ?? -1);
        _canonical.Write(MemoryMarshal.AsBytes(value.AsSpan()));
        return this;
    }

    public ulong Value => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(_canonical.WrittenSpan));
}
