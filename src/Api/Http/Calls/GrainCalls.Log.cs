namespace Holdfast.Api.Http.Calls;

public sealed partial class GrainCalls
{
    [LoggerMessage(1, LogLevel.Debug, "A call of {Grain} ended without an answer on try {Attempt}; it is repeated")]
    private partial void LogRepeat(Exception exception, string grain, int attempt);
}
