using System.CommandLine;

namespace Holdfast.Bench.Measuring;

/// <summary>A directory for one run's databases, removed with it.</summary>
internal sealed class WorkDirectory : IDisposable
{
    public static readonly Option<string> Option = new("--directory")
    {
        Description = "Where the databases of the run are made; the disk below it is part of what is measured.",
        DefaultValueFactory = static _ => System.IO.Path.GetTempPath(),
    };

    /// <exception cref="BenchException">It cannot be made.</exception>
    public WorkDirectory(string parent)
    {
        Path = System.IO.Path.Combine(parent, $"holdfast-bench-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BenchException($"Cannot make '{Path}': name another place with {Option.Name}. ({e.Message})", e);
        }
    }

    public string Path { get; }

    public string For(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
