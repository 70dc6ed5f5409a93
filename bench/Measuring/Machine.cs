using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Holdfast.Bench.Measuring;

/// <summary>What the figures were measured on; without it they mean nothing.</summary>
/// <param name="Commit">Of the sources that were measured; changes that were not committed do not show.</param>
/// <param name="Load">Processes that ran or waited to run, over the last minute; -1 where the system does not say.</param>
/// <param name="FileSystem">The kind of file system below the databases; files of results are published, so not the place on it.</param>
/// <param name="SyncMs">The median time that the disk takes to make one page durable.</param>
internal sealed record Machine(
    DateTimeOffset At,
    string Processor,
    int Cores,
    double MemoryGb,
    string System,
    string Runtime,
    string Collector,
    string Holdfast,
    string Commit,
    string Orleans,
    string Store,
    string FileSystem,
    double SyncMs,
    double Load)
{
    private const int Syncs = 50;
    private const int PageBytes = 4096;
    private const int CommitLength = 12;

    public static Machine Read(string directory, string store, TimeProvider clock) => new(
        clock.GetUtcNow(),
        ProcessorName(),
        Environment.ProcessorCount,
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9, 1),
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        global::System.Runtime.GCSettings.IsServerGC ? "server GC" : "workstation GC",
        VersionOf(typeof(Machine).Assembly),
        CommitOf(typeof(Machine).Assembly),
        VersionOf(typeof(Grain).Assembly),
        store,
        new DriveInfo(directory).DriveFormat,
        Math.Round(MeasureSync(directory), 3),
        LoadNow());

    private static string ProcessorName()
    {
        const string Model = "model name";
        var line = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(Model, StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    /// <summary>Without what identifies the build.</summary>
    public static string VersionOf(Assembly assembly) => FullVersionOf(assembly).Split('+', ' ')[0].TrimEnd('.');

    private static string CommitOf(Assembly assembly) =>
        FullVersionOf(assembly).Split('+') is [_, var commit] ? commit[..Math.Min(commit.Length, CommitLength)] : "?";

    private static string FullVersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "?";

    private static double LoadNow() => File.Exists("/proc/loadavg")
        ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture)
        : -1;

    private static double MeasureSync(string directory)
    {
        var path = Path.Combine(directory, "sync");
        var page = new byte[PageBytes];
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        return Medians.Of(Enumerable.Range(0, Syncs).Select(_ =>
        {
            var started = Stopwatch.GetTimestamp();
            file.Write(page);
            file.Flush(flushToDisk: true);
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }).ToArray());
    }
}
