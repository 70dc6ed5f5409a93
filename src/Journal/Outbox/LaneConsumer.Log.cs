using Microsoft.Extensions.Logging;

namespace Holdfast.Journal.Outbox;

public sealed partial class LaneConsumer
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "{Type} from {Stream} is put back: {Why}")]
    private partial void LogPutBack(string type, string stream, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The handler of {Type} from {Stream} failed (attempt {Attempt})")]
    private partial void LogHandlerFailed(Exception exception, string type, string stream, int attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The delivery of {Type} {Id} could not be finished; its row is read again")]
    private partial void LogDeliveryFailed(Exception exception, string type, Guid id);
}
