using Holdfast.Journal;
using Holdfast.Journal.Writing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Holdfast.Silo;

/// <summary>Ready means that the store answers and its writer keeps up.</summary>
internal sealed class JournalHealthCheck(IJournalStore store, JournalWriter writer) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (writer.Overloaded) return HealthCheckResult.Unhealthy("The journal's writer has more work queued than its bound.");
        try
        {
            await store.ReadBackward("health/check", long.MaxValue, 1, cancellationToken).WaitAsync(Patience, cancellationToken);
            return HealthCheckResult.Healthy();
        }
#pragma warning disable CA1031 // Whatever keeps the store from answering is the answer.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return HealthCheckResult.Unhealthy("The journal's store does not answer.", exception);
        }
    }
}
