namespace Holdfast.Rig;

/// <summary>
/// A disk under a <see cref="PostgresServer"/> that takes writes and does not say that they are durable, for as long as one wants: a
/// library that the server loads before any other, compiled here.
/// </summary>
public sealed class StallingDisk : IDisposable
{
    private const string Source = "stalling_disk.c";

    private static readonly TimeSpan CompileLimit = TimeSpan.FromMinutes(1);

    private readonly string _directory;

    private StallingDisk(string directory) => _directory = directory;

    /// <summary>Null when it can be made on this machine, else why it cannot.</summary>
    public static string? WhyUnavailable { get; } = !OperatingSystem.IsLinux() ? "a library is preloaded on Linux only"
        : Programs.Find("gcc") is null ? "gcc is not installed: it compiles the library that makes a disk stall"
        : null;

    /// <summary>What <see cref="PostgresServer.Start"/> takes.</summary>
    public string SharedObject => Path.Combine(_directory, "stalling_disk.so");

    private string Stall => Path.Combine(_directory, "stall");

    /// <exception cref="RigException">It cannot be made here, or does not compile.</exception>
    public static async Task<StallingDisk> Create(TimeProvider clock, CancellationToken cancellationToken = default)
    {
        if (WhyUnavailable is { } reason) throw new RigException(reason);

        // The server runs as another user than we, who has to look into it.
        var directory = Path.Combine(Path.GetTempPath(), $"holdfast-disk-{Path.GetRandomFileName()}");
        const UnixFileMode ForAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        Directory.CreateDirectory(directory);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(directory, ForAll);
        var disk = new StallingDisk(directory);
        try
        {
            var source = Path.Combine(directory, Source);
            await using (var file = File.Create(source))
            await using (var embedded = typeof(StallingDisk).Assembly.GetManifestResourceStream(Source)!)
                await embedded.CopyToAsync(file, cancellationToken);
            await ChildProcess.Run(
                [Programs.Find("gcc")!, "-shared", "-fPIC", "-O1", $"-DSTALL=\"{disk.Stall}\"", "-o", disk.SharedObject, source, "-ldl"],
                directory,
                CompileLimit,
                clock,
                cancellationToken);
            return disk;
        }
        catch
        {
            disk.Dispose();
            throw;
        }
    }

    /// <summary>From now on nothing becomes durable.</summary>
    public void Hang() => File.Create(Stall).Dispose();

    public void GoOn() => File.Delete(Stall);

    /// <summary>Lets go whoever hangs, and removes the library.</summary>
    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
