namespace Holdfast.Api.Http.Problems;

internal sealed partial class ProblemExceptionHandler
{
    [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed; the caller got internal_error (request {RequestId})")]
    private partial void LogUnhandled(Exception exception, string method, string path, string requestId);
}
