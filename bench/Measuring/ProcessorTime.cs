using System.Diagnostics;

namespace Holdfast.Bench.Measuring;

/// <summary>What another process has used of the processors.</summary>
internal static class ProcessorTime
{
    /// <summary>Since its start, user and system time of all its threads.</summary>
    /// <exception cref="BenchException">It has ended.</exception>
    public static TimeSpan Of(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return process.TotalProcessorTime;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw new BenchException($"The server, process {processId}, has ended: the figures would mean nothing.", e);
        }
    }
}
