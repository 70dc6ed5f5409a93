using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Holdfast.Domain.Owner;

/// <summary>
/// Which operations may have a receipt in the table: a Bloom filter in pieces. Each piece is dropped when the newest receipt in it is
/// 24 hours old. It says "perhaps" of everything that moved, and of less than one in a hundred that did not: one in a thousand a piece.
/// </summary>
public sealed class SpilledFilter
{
    /// <summary>Pieces at most: each adds its share of false answers, and a look costs one place in memory for each.</summary>
    public const int MaxPieces = 8;

    /// <summary>Receipts of one piece; 8 MB. Past the last piece's, it takes more, and answers "perhaps" more often.</summary>
    public const int MaxPieceCapacity = 1 << 22;

    private const int MinPieceCapacity = 64;

    /// <summary>A piece takes up receipts for a quarter of the time that they are kept, so that a day's are forgotten a part at a time.</summary>
    private const long MaxPieceMilliseconds = ReceiptBook.KeepMilliseconds / 4;

    /// <summary>How much larger than the piece before, when that was full.</summary>
    private const int Growth = 8;

    private const int BytesPerReceipt = 2;

    /// <summary>All bits of a receipt lie in one cache line, one in each of its words.</summary>
    private const int WordsPerBlock = 8;

    private const int BytesPerBlock = WordsPerBlock * sizeof(ulong);

    // Oldest first. Only the newest one changes.
    private readonly List<Piece> _pieces = [];

    /// <summary>Bytes in memory.</summary>
    public long Bytes { get; private set; }

    /// <summary>Takes up a receipt that moves to the table.</summary>
    /// <param name="until">When the receipt is forgotten, Unix milliseconds.</param>
    /// <param name="together">How many move with it, which decides the size of the first piece.</param>
    public void Add(Guid operation, long until, int together)
    {
        if (_pieces.Count == 0 || (_pieces.Count < MaxPieces && (_pieces[^1].IsFull || until - _pieces[^1].Since > MaxPieceMilliseconds)))
        {
            Open(new(new byte[NextCapacity(together) * BytesPerReceipt]) { Since = until });
        }

        _pieces[^1].Add(Hash(operation), until);
    }

    /// <param name="now">Unix milliseconds.</param>
    public bool MayContain(Guid operation, long now)
    {
        var hash = Hash(operation);
        foreach (var piece in _pieces)
        {
            if (piece.Until > now && piece.MayContain(hash)) return true;
        }

        return false;
    }

    /// <summary>Drops what is over.</summary>
    public void Forget(long now)
    {
        if (_pieces.Count == 0 || _pieces[0].Until >= now) return;
        _pieces.RemoveAll(piece => piece.Until < now);
        Bytes = _pieces.Sum(static piece => (long)piece.Bits.Length);
    }

    /// <summary>A copy that no later receipt changes.</summary>
    public SpilledPiece[] Capture() =>
        [.. _pieces.Select((piece, number) => new SpilledPiece(piece.Since, piece.Until, piece.Count, number == _pieces.Count - 1 ? [.. piece.Bits] : piece.Bits))];

    public void Restore(IEnumerable<SpilledPiece> pieces)
    {
        foreach (var (since, until, count, bits) in pieces)
        {
            // What cannot be a piece of this one's making says "perhaps" to everything.
            Open(new(bits.Length % BytesPerBlock == 0 ? [.. bits] : []) { Since = since, Until = until, Count = count });
        }
    }

    private void Open(Piece piece)
    {
        _pieces.Add(piece);
        Bytes += piece.Bits.Length;
    }

    private int NextCapacity(int together)
    {
        var wanted = _pieces.Count == 0 ? together
            : Math.Max(together, _pieces[^1].IsFull ? _pieces[^1].Capacity * Growth : _pieces[^1].Count);
        return (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(wanted, MinPieceCapacity, MaxPieceCapacity));
    }

    /// <summary>Of the id's bytes alone: the bits are stored. Ids can come from clients, who may choose them alike.</summary>
    private static ulong Hash(Guid operation)
    {
        Span<byte> bytes = stackalloc byte[16];
        operation.TryWriteBytes(bytes);
        return Mixed(BinaryPrimitives.ReadUInt64LittleEndian(bytes) + Mixed(BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..])));
    }

    /// <summary>Every bit of the result depends on every bit of the value.</summary>
    private static ulong Mixed(ulong value)
    {
        value = (value ^ (value >> 33)) * 0xff51afd7ed558ccd;
        value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53;
        return value ^ (value >> 33);
    }

    /// <param name="bits">None: everything may be in it, which is how a filter that is not known is written.</param>
    private sealed class Piece(byte[] bits)
    {
        public byte[] Bits { get; } = bits;

        public int Count { get; set; }

        public long Since { get; init; }

        public long Until { get; set; }

        public int Capacity => Bits.Length / BytesPerReceipt;

        public bool IsFull => Count >= Capacity;

        public void Add(ulong hash, long until)
        {
            Until = Math.Max(Until, until);
            Count++;
            if (Bits.Length == 0) return;
            var block = Block(hash);
            var places = Mixed(hash);
            for (var word = 0; word < WordsPerBlock; word++) block[word] |= 1UL << (int)((places >> (6 * word)) & 63);
        }

        public bool MayContain(ulong hash)
        {
            if (Bits.Length == 0) return true;
            var block = Block(hash);
            var places = Mixed(hash);
            for (var word = 0; word < WordsPerBlock; word++)
            {
                if ((block[word] & (1UL << (int)((places >> (6 * word)) & 63))) == 0) return false;
            }

            return true;
        }

        private Span<ulong> Block(ulong hash)
        {
            var number = (int)(((hash >> 32) * (ulong)(Bits.Length / BytesPerBlock)) >> 32);
            return MemoryMarshal.Cast<byte, ulong>(Bits.AsSpan(number * BytesPerBlock, BytesPerBlock));
        }
    }
}

/// <summary>A part of what an owner remembers of the receipts that it moved to the table.</summary>
/// <param name="Since">When the first of them is forgotten, Unix milliseconds.</param>
/// <param name="Until">When the newest of them is forgotten, Unix milliseconds.</param>
/// <param name="Count">How many they are.</param>
/// <param name="Bits">Little-endian words; none when any operation may be among them.</param>
public sealed record SpilledPiece(long Since, long Until, int Count, byte[] Bits);
