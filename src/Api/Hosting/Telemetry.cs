using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Holdfast.Api.Hosting;

public static class Telemetry
{
    /// <summary>
    /// Adds the front door's own metrics and traces to what is exported. Whether anything is, and where to, the silo's part of the program
    /// decides, which also adds those of the grains and the journal.
    /// </summary>
    public static void AddHttpTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.ConfigureOpenTelemetryTracerProvider(static tracing => tracing.AddAspNetCoreInstrumentation());
        builder.Services.ConfigureOpenTelemetryMeterProvider(static metrics => metrics.AddAspNetCoreInstrumentation());
    }
}
