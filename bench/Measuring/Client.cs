using Holdfast.Contracts;

namespace Holdfast.Bench.Measuring;

/// <summary>One caller of a measurement: it asks, waits for the answer, and asks again.</summary>
internal sealed class Client(int index, int seed)
{
    private readonly Random _random = new(seed);

    public int Index => index;

    public LatencyHistogram Latencies { get; } = new();

    public Guid NextId()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return new(bytes);
    }

    public Operation NextOperation() => new(NextId(), 1);

    /// <summary>A number from 0 to below <paramref name="count"/>.</summary>
    public int Pick(int count) => _random.Next(count);

    /// <summary>The number of a product.</summary>
    public int Pick(Popularity popularity) => popularity.Draw(_random);
}
