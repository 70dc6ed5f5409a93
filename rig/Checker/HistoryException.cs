namespace Holdfast.Checker;

/// <summary>The history cannot be read: it is not in the format, or not one of the model.</summary>
/// <param name="line">From 1; 0 when the operation never was in a file.</param>
public sealed class HistoryException(int line, string message) : Exception(line > 0 ? $"line {line}: {message}" : message)
{
    public int Line { get; } = line;
}
