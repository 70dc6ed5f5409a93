namespace Holdfast.Rig;

/// <summary>The last lines that a program wrote; all of them also go to a file when one is named.</summary>
public sealed class OutputTail : IDisposable
{
    /// <summary>Lines that are kept in memory.</summary>
    public const int MaxLines = 200;

    /// <summary>Characters that are kept of a line.</summary>
    public const int MaxLineLength = 2_000;

    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = new(MaxLines);
    private readonly StreamWriter? _file;
    private bool _disposed;

    /// <param name="file">Appended to; null keeps the output in memory only.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file must not be written.</exception>
    internal OutputTail(string? file)
    {
        File = file;
        if (file is not null) _file = new(file, append: true) { AutoFlush = true };
    }

    /// <summary>Where all of the output is.</summary>
    public string? File { get; }

    /// <summary>Oldest first; at most <see cref="MaxLines"/>.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock) return [.. _lines];
        }
    }

    /// <summary>The lines as one text, for a message.</summary>
    public override string ToString()
    {
        var lines = Lines;
        return lines.Count == 0 ? "  (no output)" : string.Join('\n', lines.Select(static line => "  " + line));
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _file?.Dispose();
        }
    }

    internal void Add(string line)
    {
        lock (_lock)
        {
            if (_lines.Count == MaxLines) _lines.Dequeue();
            _lines.Enqueue(line.Length > MaxLineLength ? line[..MaxLineLength] : line);
            if (!_disposed) _file?.WriteLine(line);
        }
    }
}
