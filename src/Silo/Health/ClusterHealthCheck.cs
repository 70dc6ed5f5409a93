using Holdfast.Contracts;
using Holdfast.Silo.Cluster;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Holdfast.Silo.Health;

/// <summary>
/// A front door is ready when a silo answers it. Whether the store does is asked of the silos, by their own checks: while it is away
/// for a moment, a front door holds its requests and repeats them, which a load balancer that is told not to use it would not.
/// </summary>
internal sealed class ClusterHealthCheck(IClusterClient client) : IHealthCheck
{
    /// <summary>Asked at once, which go to different silos: one that stands still is not the cluster.</summary>
    private const int Pulses = 8;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Budgets.HealthQuestion);
        Exception? failure = null;
        try
        {
            var answers = Enumerable.Range(0, Pulses).Select(key => client.GetGrain<IPulse>(key).Beat().AsTask()).ToList();
            await foreach (var answer in Task.WhenEach(answers).WithCancellation(limit.Token))
            {
                if (answer.IsCompletedSuccessfully) return HealthCheckResult.Healthy();
                failure = answer.Exception;
            }
        }
#pragma warning disable CA1031 // Whatever keeps the silos from answering is the answer.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }

        return HealthCheckResult.Unhealthy("No silo of the cluster answers.", failure);
    }
}
