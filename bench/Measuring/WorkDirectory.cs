namespace Holdfast.Bench.Measuring;

/// <summary>A directory for one run's databases, removed with it.</summary>
internal sealed class WorkDirectory : IDisposable
{
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
            throw new BenchException($"Cannot make '{Path}': name another place with --directory. ({e.Message})", e);
        }
    }

    public string Path { get; }

    public string For(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
