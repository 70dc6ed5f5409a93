using System.Diagnostics;
using System.Globalization;

namespace Holdfast.Bench.Measuring;

/// <summary>Says what is being done, on standard error: the figures on standard output stay alone.</summary>
internal sealed class Progress
{
    private readonly long _started = Stopwatch.GetTimestamp();

    public void Say(string what) =>
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_started).TotalSeconds,6:F1} s  {what}"));
}
