namespace Holdfast.Silo.Import;

/// <summary>The import cannot begin; the message says why, and what to do.</summary>
internal sealed class ImportException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The import has begun and cannot go on; the message says why. The same command goes on where it stood.</summary>
internal sealed class ImportStoppedException(string message, Exception? cause = null) : Exception(message, cause);
