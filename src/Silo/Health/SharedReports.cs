using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Holdfast.Silo.Health;

/// <summary>
/// One report of all checks for all who ask within a second, and while it is made: anybody may ask, and each report costs the store and
/// the silos questions.
/// </summary>
internal sealed class SharedReports(HealthCheckService checks, TimeProvider clock) : HealthCheckService
{
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task<HealthReport>? _report;
    private long _begun;

    public override Task<HealthReport> CheckHealthAsync(
        Func<HealthCheckRegistration, bool>? predicate, CancellationToken cancellationToken = default)
    {
        if (predicate is not null) return checks.CheckHealthAsync(predicate, cancellationToken);
        lock (_gate)
        {
            if (_report is null or { IsFaulted: true } || (_report.IsCompleted && clock.GetElapsedTime(_begun) >= Age))
            {
                // It is nobody's own: who goes away takes it from no other.
                (_begun, _report) = (clock.GetTimestamp(), checks.CheckHealthAsync(null, CancellationToken.None));
            }

            return _report.WaitAsync(cancellationToken);
        }
    }
}
