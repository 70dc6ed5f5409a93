using Microsoft.Extensions.Logging;

namespace Holdfast.Journal.Sqlite;

public sealed partial class SqliteJournalStore
{
    [LoggerMessage(1, LogLevel.Error, "A batch of {Count} appends failed and is {Status}; the connection is opened again ({Others} more like it since the last such line)")]
    private static partial void LogFailedBatch(ILogger logger, Exception exception, int count, AppendStatus status, int others);

    [LoggerMessage(2, LogLevel.Warning, "The store refused the data of an append: {Error}")]
    private static partial void LogRefusedData(ILogger logger, string error);

    [LoggerMessage(3, LogLevel.Warning, "The write-ahead log still holds erased data because a reader was in the way; the next batch tries again")]
    private static partial void LogLogNotTruncated(ILogger logger);
}
