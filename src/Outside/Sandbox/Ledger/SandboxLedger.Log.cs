using Microsoft.Extensions.Logging;

namespace Holdfast.Outside.Sandbox.Ledger;

internal sealed partial class SandboxLedger
{
    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The sandbox gateway's ledger failed on {Writes} writes; while committing, so that they may have happened: {Committing}")]
    private partial void LogCommitFailed(Exception error, int writes, bool committing);
}
