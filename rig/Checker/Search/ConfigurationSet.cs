using System.Runtime.CompilerServices;

namespace Holdfast.Checker.Search;

/// <summary>
/// A set of records of a fixed number of words, kept in one array in the order of arrival. Whole records are compared, never only
/// their hashes, so two configurations are never taken for one.
/// </summary>
internal sealed class ConfigurationSet(int width)
{
    private const int FirstBuckets = 64;

    private ulong[] _words = new ulong[FirstBuckets / 2 * width];
    private int[] _buckets = new int[FirstBuckets];

    public int Count { get; private set; }

    public long Words => (long)Count * width;

    public ReadOnlySpan<ulong> this[int index] => _words.AsSpan(index * width, width);

    /// <summary>False when the record is already there.</summary>
    public bool Add(ReadOnlySpan<ulong> record)
    {
        if (Count * 2 >= _buckets.Length)
            Grow();
        var mask = _buckets.Length - 1;
        var bucket = (int)Hash(record) & mask;
        for (; _buckets[bucket] != 0; bucket = (bucket + 1) & mask)
        {
            if (this[_buckets[bucket] - 1].SequenceEqual(record))
                return false;
        }

        record.CopyTo(_words.AsSpan(Count * width));
        _buckets[bucket] = ++Count;
        return true;
    }

    public void Clear()
    {
        // A set that once was large would cost its size at every later clearing.
        if (_buckets.Length > FirstBuckets && Count < _buckets.Length / 8)
            _buckets = new int[Math.Max(FirstBuckets, _buckets.Length / 4)];
        else
            Array.Clear(_buckets);
        Count = 0;
    }

    private void Grow()
    {
        var buckets = new int[_buckets.Length * 2];
        var mask = buckets.Length - 1;
        for (var i = 0; i < Count; i++)
        {
            var bucket = (int)Hash(this[i]) & mask;
            while (buckets[bucket] != 0)
                bucket = (bucket + 1) & mask;
            buckets[bucket] = i + 1;
        }

        _buckets = buckets;
        if (_words.Length < buckets.Length / 2 * width)
            Array.Resize(ref _words, buckets.Length / 2 * width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hash(ReadOnlySpan<ulong> record)
    {
        var hash = 0x9E3779B97F4A7C15UL;
        foreach (var word in record)
        {
            hash = (hash ^ word) * 0xD6E8FEB86659FD93UL;
            hash ^= hash >> 32;
        }

        return (uint)(hash ^ (hash >> 29));
    }
}
