using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Holdfast.Api.Hosting;

public static class Telemetry
{
    /// <summary>The front door's share, for when there is somebody to export to; who that is, grains and the journal are the silo's.</summary>
    public static void AddHttpTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.ConfigureOpenTelemetryTracerProvider(static tracing => tracing.AddAspNetCoreInstrumentation());
        builder.Services.ConfigureOpenTelemetryMeterProvider(static metrics => metrics.AddAspNetCoreInstrumentation());
    }
}
