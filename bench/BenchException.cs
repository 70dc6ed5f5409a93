namespace Holdfast.Bench;

/// <summary>The command cannot go on. The message is one line for the person at the terminal and says what to do.</summary>
public sealed class BenchException(string message, Exception? inner = null) : Exception(message, inner);
