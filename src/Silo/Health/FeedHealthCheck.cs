using System.Globalization;
using Holdfast.Views;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Holdfast.Silo.Health;

/// <summary>
/// How far the lists are behind, where this silo makes them. A silo whose lists are behind goes on selling: it is degraded, not unready.
/// </summary>
internal sealed class FeedHealthCheck(ViewFollowers followers) : IHealthCheck
{
    /// <summary>Lists that are further behind than this are worth a word.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var states = followers.Metrics.States;
        var health = new FeedHealth(followers.Metrics.HolesFound, states.ToDictionary(
            static each => each.Key,
            static each => new ViewHealth(
                Math.Round(each.Value.Lag.TotalSeconds, 3), Math.Round(each.Value.Horizon.TotalSeconds, 3), each.Value.HeldBy)));
        var data = new Dictionary<string, object> { [HealthEndpoints.Feed] = health };
        var behind = states.Where(static each => each.Value.Lag > Patience).Select(static each => each.Value).FirstOrDefault();
        return Task.FromResult(behind is null
            ? HealthCheckResult.Healthy(data: data)
            : HealthCheckResult.Degraded(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The lists are {behind.Lag.TotalSeconds:F0} s behind; {HeldBack(behind)}."),
                data: data));
    }

    private static string HeldBack(ViewState state) => state.HeldBy is { } holder ? $"held back by {holder}" : "the log says why";
}
