using System.Globalization;
using Holdfast.Journal;
using Holdfast.Silo.Cluster;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Holdfast.Silo.Health;

/// <summary>
/// Ready means that this machine's clock is about right. The database's time is used in its place, but who does not know what time it is
/// may be wrong about more, and what its logs say cannot be compared.
/// </summary>
internal sealed class ClockHealthCheck(ClusterClock clock) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var skew = clock.Skew;
        return Task.FromResult(skew.Duration() <= Budgets.ClockSkew
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy(string.Create(
                CultureInfo.InvariantCulture,
                $"This machine's clock is {skew.Duration().TotalSeconds:N0} s {(skew > TimeSpan.Zero ? "ahead of" : "behind")} the database's: set it.")));
    }
}
