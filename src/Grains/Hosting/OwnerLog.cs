using Holdfast.Contracts;
using Holdfast.Journal;
using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Hosting;

internal static partial class OwnerLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The activation of {Stream} ends: {Reason}. Durable at version {Durable}, decided up to {Decided}")]
    public static partial void ActivationEnded(ILogger logger, StreamLabel stream, RetryReason reason, long durable, long decided);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Stream} is not loaded, its caller is to repeat, and so are {Others} more since the last such line: {Error}")]
    public static partial void NotLoaded(ILogger logger, StreamLabel stream, string error, int others);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Stream} cannot be loaded")]
    public static partial void CannotBeLoaded(ILogger logger, Exception exception, StreamLabel stream);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The journal has something else of {Stream} where versions {First} to {Last} were stored, or nothing. Its activation "
            + "ends. Please report this")]
    public static partial void NotThereAnyMore(ILogger logger, StreamLabel stream, long first, long last);

    [LoggerMessage(Level = LogLevel.Critical, Message = "A decision would have broken an invariant of {Stream} at version {Version} and was dropped")]
    public static partial void InvariantViolation(ILogger logger, Exception exception, StreamLabel stream, long version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Stream} needs attention: {Reason} ({Detail})")]
    public static partial void NeedsAttention(ILogger logger, StreamLabel stream, string reason, string detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The snapshot of {Stream} at version {Version} was not written")]
    public static partial void SnapshotFailed(ILogger logger, Exception exception, StreamLabel stream, long version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Stream} was erased, but its snapshot was not removed; the next load tries again")]
    public static partial void SnapshotNotErased(ILogger logger, Exception exception, StreamLabel stream);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Stream} is being loaded: {Version} of {LastVersion} events")]
    public static partial void Loading(ILogger logger, StreamLabel stream, long version, long lastVersion);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Stream} is loaded up to version {Version}: {Events} events in {Elapsed}")]
    public static partial void Loaded(ILogger logger, StreamLabel stream, long version, long events, TimeSpan elapsed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The snapshot of {Stream} has the shape '{Shape}', which this version does not know: {Events} events are read instead")]
    public static partial void SnapshotOfAnotherShape(ILogger logger, StreamLabel stream, string shape, long events);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The snapshot of {Stream} at version {Version} cannot be read and is ignored")]
    public static partial void SnapshotUnreadable(ILogger logger, Exception exception, StreamLabel stream, long version);
}
