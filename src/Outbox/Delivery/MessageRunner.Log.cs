using Holdfast.Journal;
using Microsoft.Extensions.Logging;

namespace Holdfast.Outbox.Delivery;

public sealed partial class MessageRunner
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "{Type} from {Stream} is put back: {Why}")]
    private partial void LogPutBack(string type, StreamLabel stream, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The handler of {Type} from {Stream} failed (attempt {Attempt})")]
    private partial void LogHandlerFailed(Exception exception, string type, StreamLabel stream, int attempt);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Type} from {Stream} is of a type that this release does not know. It is put back for {Patience}, for a silo of the next release")]
    private partial void LogUnknownType(string type, StreamLabel stream, TimeSpan patience);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The delivery of {Type} {Id} could not be finished; its row is read again ({Others} more like it since the last such line)")]
    private partial void LogDeliveryFailed(Exception exception, string type, Guid id, int others);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Type} {Id} was delivered but lane {Lane} does not have it in hand here; it is read again")]
    private partial void LogNotInHand(string type, Guid id, int lane);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Type} from {Stream} was under way when {Attempts} processes ended; it is run alone")]
    private partial void LogRunsAlone(string type, StreamLabel stream, int attempts);
}
