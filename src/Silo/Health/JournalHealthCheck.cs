using Holdfast.Journal;
using Holdfast.Journal.Writing;
using Holdfast.Silo.Cluster;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Holdfast.Silo.Health;

/// <summary>Ready means that the store answers, that its tables are those this program knows, and that its writer keeps up.</summary>
internal sealed class JournalHealthCheck(IJournalStore store, JournalWriter writer) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (writer.Stands) return HealthCheckResult.Unhealthy("The journal's store does not answer commits; nothing more is sent until it answers one.");
        if (writer.Overloaded) return HealthCheckResult.Unhealthy("The journal's writer has more work queued than its bound.");
        try
        {
            // Nothing may be there to commit. A proof that fails says so each time that somebody asks, and nobody asks often.
            if (writer.Refusal is { } refusal)
            {
                await store.ProveWritable(cancellationToken).WaitAsync(Budgets.HealthQuestion, cancellationToken);
                writer.ForgetRefusal(refusal);
            }

            var version = await store.ReadSchemaVersion(cancellationToken).WaitAsync(Budgets.HealthQuestion, cancellationToken);
            return HealthCheckResult.Healthy(data: new Dictionary<string, object> { [HealthEndpoints.SchemaVersion] = version });
        }
#pragma warning disable CA1031 // Whatever keeps the store from answering is the answer.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return writer.Refusal is { } refusal
                ? HealthCheckResult.Unhealthy($"The journal's store takes no changes: {refusal}", exception)
                : HealthCheckResult.Unhealthy("The journal's store does not answer.", exception);
        }
    }
}
