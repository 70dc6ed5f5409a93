namespace Holdfast.Rig;

/// <summary>The rig could not do what it was asked for. The message says what failed and how, with the last lines of a program's output.</summary>
public sealed class RigException(string message, Exception? inner = null) : Exception(message, inner);
