using System.Globalization;
using Holdfast.Outbox.Lanes;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Holdfast.Silo.Health;

/// <summary>Ready means that the messages of this silo's lanes are being delivered.</summary>
internal sealed class LanesHealthCheck(OutboxLanes lanes) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var health = lanes.Health;
        var data = new Dictionary<string, object> { ["lanes"] = health.Owned };
        if (health.IsReady) return Task.FromResult(HealthCheckResult.Healthy(data: data));
        var why = health switch
        {
            { Joined: false } => "The silo has not joined the cluster yet, or is leaving it.",
            { UnreadableSince: { } since } => string.Create(CultureInfo.InvariantCulture, $"A lane's table cannot be read since {since:O}."),
            _ => "Lanes that are this silo's are not taken over yet.",
        };
        return Task.FromResult(HealthCheckResult.Unhealthy(why, data: data));
    }
}
