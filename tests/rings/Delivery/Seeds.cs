using System.Globalization;

namespace Holdfast.Rings.Delivery;

/// <summary>
/// Where a ring's chance comes from. <c>HOLDFAST_SEED</c> sets the base seed; <c>HOLDFAST_RUN</c> plays one run of it alone, under the
/// number that a failure names.
/// </summary>
internal static class Seeds
{
    public static ulong Drawn { get; } =
        Environment.GetEnvironmentVariable("HOLDFAST_SEED") is { Length: > 0 } seed
            ? ulong.Parse(seed, CultureInfo.InvariantCulture)
            : Of((ulong)TimeProvider.System.GetUtcNow().Ticks, 0) % 1_000_000_000;

    public static int? OnlyRun { get; } =
        Environment.GetEnvironmentVariable("HOLDFAST_RUN") is { Length: > 0 } run ? int.Parse(run, CultureInfo.InvariantCulture) : null;

    /// <summary>One well-mixed seed for each number (splitmix64).</summary>
    public static ulong Of(ulong seed, int number)
    {
        unchecked
        {
            var mixed = seed + (((ulong)number + 1) * 0x9E3779B97F4A7C15);
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return mixed ^ (mixed >> 31);
        }
    }

    public static Random Random(ulong seed) => new((int)(seed & int.MaxValue));
}
