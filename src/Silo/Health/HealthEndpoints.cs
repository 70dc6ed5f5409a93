using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Holdfast.Silo.Health;

/// <param name="Status">healthy, degraded or unhealthy.</param>
/// <param name="SchemaVersion">Of the store's tables; null where this process has no store or cannot read it, and for strangers.</param>
/// <param name="Checks">What was looked at.</param>
/// <param name="Reasons">What is wrong, for each check that is not healthy; none for strangers.</param>
/// <param name="Feed">How the lists are; null where this process makes none, and for strangers.</param>
public sealed record HealthResponse(
    string Status,
    int? SchemaVersion,
    IReadOnlyDictionary<string, string> Checks,
    IReadOnlyDictionary<string, string> Reasons,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] FeedHealth? Feed = null);

/// <summary>How the lists are, where this process makes them.</summary>
/// <param name="Holes">
/// Published changes that the feed left out since the process began, and that were found all the same: must stay 0.
/// </param>
/// <param name="Views">By name.</param>
public sealed record FeedHealth(long Holes, IReadOnlyDictionary<string, ViewHealth> Views);

/// <param name="LagSeconds">The age of the oldest change that is not in the list.</param>
/// <param name="HorizonSeconds">How long ago the transaction began that holds the feed back; 0 when none does.</param>
/// <param name="HeldBy">Whose that is, as far as it may be seen.</param>
public sealed record ViewHealth(double LagSeconds, double HorizonSeconds, string? HeldBy);

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: it can do its work, and is not on its way out. The same for
/// both programs.
/// </summary>
public static class HealthEndpoints
{
    /// <summary>The name of the datum with which a check reports the version of the tables.</summary>
    internal const string SchemaVersion = "schemaVersion";

    /// <summary>The name of the datum with which a check reports how the lists are.</summary>
    internal const string Feed = "feed";

    public static void AddHealth(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHealthChecks().AddCheck<StartedCheck>("started");
        var checks = builder.Services.Single(static service => service.ServiceType == typeof(HealthCheckService));
        builder.Services.Remove(checks);
        builder.Services.AddSingleton<HealthCheckService>(services => new SharedReports(
            (HealthCheckService)ActivatorUtilities.CreateInstance(services, checks.ImplementationType!),
            services.GetRequiredService<TimeProvider>()));
    }

    /// <param name="isStranger">Who is told how it is, and not why: what is wrong may name machines and tables.</param>
    public static void MapHealth(this IEndpointRouteBuilder app, Func<HttpContext, bool> isStranger)
    {
        // It would be answered whatever the method.
        var read = new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]);
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = static _ => false, ResponseWriter = Write })
            .WithMetadata(read);
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = Write }).WithMetadata(read);

        Task Write(HttpContext context, HealthReport report) => HealthEndpoints.Write(context, report, isStranger(context));
    }

    /// <summary>Nobody who is on this machine: a process without callers tells nobody else what is wrong.</summary>
    public static bool IsElsewhere(HttpContext context) =>
        context.Connection.RemoteIpAddress is not { } remote || !IPAddress.IsLoopback(remote);

    internal static Task Write(HttpContext context, HealthReport report, bool isStranger)
    {
        if (report.Status == HealthStatus.Unhealthy) context.Response.Headers.RetryAfter = "1";
        var version = report.Entries.Values.Select(static entry => entry.Data.GetValueOrDefault(SchemaVersion)).OfType<int>();
        var checks = report.Entries.ToDictionary(static entry => entry.Key, static entry => Text(entry.Value.Status));
        var response = isStranger ? new HealthResponse(Text(report.Status), null, checks, NoReasons) : new HealthResponse(
            Text(report.Status),
            version.Cast<int?>().FirstOrDefault(),
            checks,
            report.Entries
                .Where(static entry => entry.Value is { Status: not HealthStatus.Healthy, Description: not null })
                .ToDictionary(static entry => entry.Key, static entry => entry.Value.Description!),
            report.Entries.Values.Select(static entry => entry.Data.GetValueOrDefault(Feed)).OfType<FeedHealth>().FirstOrDefault());
        return context.Response.WriteAsJsonAsync(response, HealthJson.Default.HealthResponse);
    }

    private static IReadOnlyDictionary<string, string> NoReasons { get; } = new Dictionary<string, string>();

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
        return Task.FromResult(started ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("Starting, or stopping."));
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(HealthResponse))]
internal sealed partial class HealthJson : JsonSerializerContext;
