using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Holdfast.Api.Hosting;

public static class Telemetry
{
    /// <summary>The front door's share; exporters, grains and the journal are the silo's.</summary>
    public static void AddHttpTelemetry(this WebApplicationBuilder builder) => builder.Services.AddOpenTelemetry()
        .WithTracing(static tracing => tracing.AddAspNetCoreInstrumentation())
        .WithMetrics(static metrics => metrics.AddAspNetCoreInstrumentation());
}
