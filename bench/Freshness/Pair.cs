using System.Globalization;

namespace Holdfast.Bench.Freshness;

/// <summary>Two products: the second one's number follows from the first one's, which its writer has been told of.</summary>
internal sealed class Pair(int number)
{
    private string? _effectVersion;
    private long _effect;

    public string Name { get; } = number.ToString("D4", CultureInfo.InvariantCulture);

    public string Cause => $"fresh-{Name}-cause";

    public string Effect => $"fresh-{Name}-effect";

    /// <summary>The last effect that was acknowledged, and what its writer was told; null before the first.</summary>
    public (long Number, string Version)? Told
    {
        get
        {
            // Read before the version: that may belong to a later one, and shows more then.
            var number = Interlocked.Read(ref _effect);
            return Volatile.Read(ref _effectVersion) is { } version && number > 0 ? (number, version) : null;
        }
    }

    public void Tell(long number, string version)
    {
        Volatile.Write(ref _effectVersion, version);
        Interlocked.Exchange(ref _effect, number);
    }
}
