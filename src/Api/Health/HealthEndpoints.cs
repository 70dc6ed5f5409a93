using Holdfast.Api.Http;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Holdfast.Api.Health;

/// <param name="Status">healthy, degraded or unhealthy.</param>
/// <param name="Checks">What was looked at.</param>
public sealed record HealthResponse(string Status, IReadOnlyDictionary<string, string> Checks);

public static class HealthEndpoints
{
    public static void AddHealth(this WebApplicationBuilder builder) =>
        builder.Services.AddHealthChecks().AddCheck<StartedCheck>("started");

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = static _ => false, ResponseWriter = Write });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = Write });
    }

    private static Task Write(HttpContext context, HealthReport report)
    {
        if (report.Status == HealthStatus.Unhealthy) context.Response.Headers.RetryAfter = "1";
        var checks = report.Entries.ToDictionary(entry => entry.Key, entry => Text(entry.Value.Status));
        return context.Response.WriteAsJsonAsync(new HealthResponse(Text(report.Status), checks), ApiJsonExtensions.Readable.HealthResponse);
    }

    private static string Text(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}

/// <summary>Ready means that every hosted service, the silo among them, has started and none is stopping.</summary>
internal sealed class StartedCheck(IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var started = lifetime.ApplicationStarted.IsCancellationRequested && !lifetime.ApplicationStopping.IsCancellationRequested;
        return Task.FromResult(started ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
    }
}
