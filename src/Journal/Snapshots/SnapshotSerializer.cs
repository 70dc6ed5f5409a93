using System.Buffers.Binary;
using System.Text;
using Orleans.Storage;

namespace Holdfast.Journal.Snapshots;

/// <summary>
/// Writes a snapshot as the owner wrote it, behind a short header: layout (1 byte), version (8), published version (8), length of the
/// shape (2), shape.
/// Integers are little-endian.
/// </summary>
public sealed class SnapshotSerializer : IGrainStorageSerializer
{
    private const byte Layout = 2;
    private const int VersionAt = 1;
    private const int PublishedVersionAt = 9;
    private const int ShapeLengthAt = 17;
    private const int ShapeAt = 19;

    public BinaryData Serialize<T>(T? input)
    {
        if (input is not StoredSnapshot snapshot) throw new NotSupportedException($"This storage is for snapshots, not for {typeof(T)}.");
        var shapeLength = Encoding.UTF8.GetByteCount(snapshot.Shape);
        var bytes = new byte[ShapeAt + shapeLength + snapshot.State.Length];
        bytes[0] = Layout;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(VersionAt), snapshot.Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(PublishedVersionAt), snapshot.PublishedVersion);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(ShapeLengthAt), checked((ushort)shapeLength));
        Encoding.UTF8.GetBytes(snapshot.Shape, bytes.AsSpan(ShapeAt));
        snapshot.State.Span.CopyTo(bytes.AsSpan(ShapeAt + shapeLength));
        return new BinaryData(bytes);
    }

    /// <summary>
    /// Bytes that this version does not understand give an empty snapshot of no shape: the owner ignores it, and can still replace
    /// it because its ETag is known.
    /// </summary>
    public T Deserialize<T>(BinaryData input)
    {
        var snapshot = Read(input.ToMemory());
        return snapshot is T expected ? expected : throw new NotSupportedException($"This storage is for snapshots, not for {typeof(T)}.");
    }

    private static StoredSnapshot Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < ShapeAt || bytes.Span[0] != Layout) return new StoredSnapshot();
        var shapeLength = BinaryPrimitives.ReadUInt16LittleEndian(bytes.Span[ShapeLengthAt..]);
        if (bytes.Length < ShapeAt + shapeLength) return new StoredSnapshot();
        return new StoredSnapshot
        {
            Version = BinaryPrimitives.ReadInt64LittleEndian(bytes.Span[VersionAt..]),
            PublishedVersion = BinaryPrimitives.ReadInt64LittleEndian(bytes.Span[PublishedVersionAt..]),
            Shape = Encoding.UTF8.GetString(bytes.Span.Slice(ShapeAt, shapeLength)),
            State = bytes[(ShapeAt + shapeLength)..],
        };
    }
}

/// <summary>What grain storage keeps for a stream. It makes an empty one where there is none.</summary>
public sealed class StoredSnapshot
{
    public long Version { get; init; }

    public long PublishedVersion { get; init; }

    public string Shape { get; init; } = string.Empty;

    public ReadOnlyMemory<byte> State { get; init; }
}
