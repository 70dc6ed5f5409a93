using System.Buffers.Binary;
using System.Globalization;

namespace Holdfast.Contracts.Counters;

/// <summary>
/// Which shard of a counter an increment goes to. For ever: a repeat has to meet its receipt, whichever release answers it.
/// </summary>
public static class CounterShards
{
    /// <summary>Bytes of a UUID; the last ones hold neither its time nor its version.</summary>
    private const int IdBytes = 16;

    /// <param name="shards">How many the counter has.</param>
    /// <returns>From 0.</returns>
    public static int Of(Guid operation, int shards)
    {
        Span<byte> bytes = stackalloc byte[IdBytes];
        operation.TryWriteBytes(bytes, bigEndian: true, out _);
        return (int)(BinaryPrimitives.ReadUInt32BigEndian(bytes[^sizeof(uint)..]) % (uint)shards);
    }

    /// <summary>The key of a shard: its number stands first, since a counter's name may hold anything.</summary>
    public static string KeyOf(string counter, int shard) => string.Create(CultureInfo.InvariantCulture, $"{shard}/{counter}");
}
