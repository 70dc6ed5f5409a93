using System.Diagnostics;
using System.Numerics;

namespace Holdfast.Bench.Measuring;

/// <summary>
/// Counts latencies in buckets that are 3 % wide, so that recording one allocates nothing however many there are. Not for
/// concurrent use: each client has its own, and they are added up in the end.
/// </summary>
public sealed class LatencyHistogram
{
    /// <summary>Each doubling is cut into 2 to the power of this many buckets.</summary>
    private const int CutBits = 5;

    private const int Cuts = 1 << CutBits;

    private readonly long[] _counts = new long[(64 - CutBits) << CutBits];

    /// <param name="ticks">Of <see cref="Stopwatch"/>; 0 or more.</param>
    public void Record(long ticks) => _counts[BucketOf(ticks)]++;

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
    }

    /// <summary>The nearest rank, at most 3 % too high; zero when nothing was recorded.</summary>
    /// <param name="share">0 to 1.</param>
    public TimeSpan Percentile(double share)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(share * _counts.Sum()));
        for (var (bucket, seen) = (0, 0L); bucket < _counts.Length; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= rank) return TimeSpan.FromSeconds((double)HighestOf(bucket) / Stopwatch.Frequency);
        }

        return TimeSpan.Zero;
    }

    private static int BucketOf(long ticks)
    {
        if (ticks < Cuts) return (int)ticks;
        var shift = BitOperations.Log2((ulong)ticks) - CutBits;
        return (shift << CutBits) + (int)(ticks >> shift);
    }

    private static long HighestOf(int bucket)
    {
        if (bucket < Cuts) return bucket;
        var shift = (bucket >> CutBits) - 1;
        return ((long)(bucket - (shift << CutBits) + 1) << shift) - 1;
    }
}
