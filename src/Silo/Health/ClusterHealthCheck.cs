using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Holdfast.Silo.Health;

/// <summary>A front door is ready when a silo answers it. Whether the store does is asked of the silos, by their own checks.</summary>
internal sealed class ClusterHealthCheck(IClusterClient client) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var silos = await client.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true, cancellationToken).WaitAsync(Patience, cancellationToken);
            return silos.Count > 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("No silo of the cluster is active.");
        }
#pragma warning disable CA1031 // Whatever keeps the silos from answering is the answer.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return HealthCheckResult.Unhealthy("No silo of the cluster answers.", exception);
        }
    }
}
