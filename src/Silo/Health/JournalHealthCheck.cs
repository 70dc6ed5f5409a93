using Holdfast.Journal;
using Holdfast.Journal.Writing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Holdfast.Silo.Health;

/// <summary>Ready means that the store answers, that its tables are those this program knows, and that its writer keeps up.</summary>
internal sealed class JournalHealthCheck(IJournalStore store, JournalWriter writer) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (writer.Overloaded) return HealthCheckResult.Unhealthy("The journal's writer has more work queued than its bound.");
        try
        {
            var version = await store.ReadSchemaVersion(cancellationToken).WaitAsync(Patience, cancellationToken);
            return HealthCheckResult.Healthy(data: new Dictionary<string, object> { [HealthEndpoints.SchemaVersion] = version });
        }
#pragma warning disable CA1031 // Whatever keeps the store from answering is the answer.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return HealthCheckResult.Unhealthy("The journal's store does not answer.", exception);
        }
    }
}
