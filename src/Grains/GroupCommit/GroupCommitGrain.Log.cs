using Holdfast.Contracts;
using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.GroupCommit;

public abstract partial class GroupCommitGrain<TState, TEvent>
{
    private void LogActivationEnded(string stream, RetryReason reason, long durable, long decided) =>
        GroupCommitLog.ActivationEnded(_logger, stream, reason, durable, decided);

    private void LogNotLoaded(string stream, string error, int others) => GroupCommitLog.NotLoaded(_logger, stream, error, others);

    private void LogCannotBeLoaded(Exception exception, string stream) => GroupCommitLog.CannotBeLoaded(_logger, exception, stream);

    private void LogInvariantViolation(Exception exception, string stream, long version) =>
        GroupCommitLog.InvariantViolation(_logger, exception, stream, version);

    private void LogNeedsAttention(string stream, string reason, string detail) =>
        GroupCommitLog.NeedsAttention(_logger, stream, reason, detail);

    private void LogSnapshotFailed(Exception exception, string stream, long version) =>
        GroupCommitLog.SnapshotFailed(_logger, exception, stream, version);
}

internal static partial class GroupCommitLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The activation of {Stream} ends: {Reason}. Durable at version {Durable}, decided up to {Decided}")]
    public static partial void ActivationEnded(ILogger logger, string stream, RetryReason reason, long durable, long decided);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Stream} is not loaded, its caller is to repeat, and so are {Others} more since the last such line: {Error}")]
    public static partial void NotLoaded(ILogger logger, string stream, string error, int others);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Stream} cannot be loaded")]
    public static partial void CannotBeLoaded(ILogger logger, Exception exception, string stream);

    [LoggerMessage(Level = LogLevel.Critical, Message = "A decision would have broken an invariant of {Stream} at version {Version} and was dropped")]
    public static partial void InvariantViolation(ILogger logger, Exception exception, string stream, long version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Stream} needs attention: {Reason} ({Detail})")]
    public static partial void NeedsAttention(ILogger logger, string stream, string reason, string detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The snapshot of {Stream} at version {Version} was not written or removed")]
    public static partial void SnapshotFailed(ILogger logger, Exception exception, string stream, long version);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Stream} is being loaded: {Version} of {LastVersion} events")]
    public static partial void Loading(ILogger logger, string stream, long version, long lastVersion);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Stream} is loaded up to version {Version}: {Events} events in {Elapsed}")]
    public static partial void Loaded(ILogger logger, string stream, long version, long events, TimeSpan elapsed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The snapshot of {Stream} has the shape '{Shape}', which this version does not know: {Events} events are read instead")]
    public static partial void SnapshotOfAnotherShape(ILogger logger, string stream, string shape, long events);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The snapshot of {Stream} at version {Version} cannot be read and is ignored")]
    public static partial void SnapshotUnreadable(ILogger logger, Exception exception, string stream, long version);
}
