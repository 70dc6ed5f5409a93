namespace Holdfast.Rig;

/// <summary>A file system of a few megabytes, in memory, that can be filled to the last byte.</summary>
public sealed class SmallDisk : IDisposable
{
    private const int Block = 4096;

    private static readonly TimeSpan MountLimit = TimeSpan.FromSeconds(20);

    // Not in the type's own initializer, for which the threads that mount would wait.
    private static readonly Lazy<string?> Reason = new(FindReason);

    private readonly TimeProvider _clock;

    private SmallDisk(string path, TimeProvider clock) => (Path, _clock) = (path, clock);

    /// <summary>Null when one can be mounted on this machine, else why it cannot.</summary>
    public static string? WhyUnavailable => Reason.Value;

    public string Path { get; }

    private string Filler => System.IO.Path.Combine(Path, "filler");

    /// <exception cref="RigException">It cannot be mounted.</exception>
    public static async Task<SmallDisk> Create(int megabytes, TimeProvider clock, CancellationToken cancellationToken = default)
    {
        var disk = new SmallDisk(Directory.CreateTempSubdirectory("holdfast-small-disk-").FullName, clock);
        await ChildProcess.Run(["mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", disk.Path], "/", MountLimit, clock, cancellationToken);
        return disk;
    }

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        using var file = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var block = new byte[Block];
        try
        {
            while (true) file.Write(block);
        }
        catch (IOException)
        {
            // There is none left.
        }
    }

    /// <summary>Gives the room back.</summary>
    public void MakeRoom() => File.Delete(Filler);

    public void Dispose()
    {
        // Whoever still has a file open there keeps it until the end.
        Task.Run(() => ChildProcess.Run(["umount", "--lazy", Path], "/", MountLimit, _clock, CancellationToken.None)).GetAwaiter().GetResult();
        Directory.Delete(Path);
    }

    private static string? FindReason()
    {
        if (!OperatingSystem.IsLinux()) return "a file system in memory is mounted on Linux only";
        if (!Environment.IsPrivilegedProcess) return "only root may mount a file system";
        try
        {
            Task.Run(() => Create(1, TimeProvider.System)).GetAwaiter().GetResult().Dispose();
            return null;
        }
        catch (RigException e)
        {
            return $"a file system cannot be mounted: {e.Message}";
        }
    }
}
