namespace Holdfast.Tests.Journal;

/// <summary>A directory of a test's own, removed with all that is in it.</summary>
internal sealed class TempDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("holdfast-").FullName;

    /// <summary>Files of the directory whose bytes contain the text.</summary>
    public string[] FilesWith(string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        return [.. Directory.EnumerateFiles(Path).Where(file => Read(file).IndexOf(bytes) >= 0).Select(file => System.IO.Path.GetFileName(file))];
    }

    /// <summary>Whoever was killed in the middle of something may still make a file or two.</summary>
    public void Dispose()
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
                return;
            }
            catch (IOException) when (tries < 100 && Directory.Exists(Path))
            {
                Thread.Yield();
            }
        }
    }

    private static ReadOnlySpan<byte> Read(string file)
    {
        // The lock file is held open by its owner, and holds nothing.
        if (System.IO.Path.GetExtension(file) == ".lock") return default;
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

        // It can be cut off while it is read.
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
