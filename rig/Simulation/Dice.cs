namespace Holdfast.Simulation;

/// <summary>Random numbers that are the same for a seed on every machine and with every runtime: SplitMix64 (Steele, Lea, Flood 2014).</summary>
public sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A seed of its own for one of many, so that each can be repeated alone.</summary>
    public static ulong SeedOf(ulong seed, long number) => new Dice(seed ^ (unchecked((ulong)number) * 0x9E3779B97F4A7C15)).Next();

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>0 to one less than the bound.</summary>
    public int Below(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    public bool Chance(double probability) => (Next() >> 11) * (1.0 / (1UL << 53)) < probability;

    /// <summary>Evenly between the two.</summary>
    public TimeSpan Between(TimeSpan least, TimeSpan most) => least + TimeSpan.FromTicks((long)((Next() >> 11) * (1.0 / (1UL << 53)) * (most - least).Ticks));

    /// <summary>Mostly short, sometimes much longer: each further power of ten is a tenth as likely.</summary>
    public TimeSpan Delay(TimeSpan typical)
    {
        var delay = Between(TimeSpan.Zero, typical);
        while (Chance(0.1) && delay < TimeSpan.FromHours(1)) delay *= 10;
        return delay;
    }

    public T Of<T>(IReadOnlyList<T> some) => some[Below(some.Count)];

    public Guid Id()
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, Next());
        BitConverter.TryWriteBytes(bytes[8..], Next());
        return new(bytes);
    }
}
