using Holdfast.Grains.Orders;
using Holdfast.Journal.Writing;
using Holdfast.Silo.Watching;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Holdfast.Silo;

internal static class Telemetry
{
    /// <summary>
    /// The exporter's own variable switches telemetry on: without a collector nobody would hear what each request pays for. Orleans'
    /// and Holdfast's meters are there all the same, for tools that attach to the process.
    /// </summary>
    public static void AddHoldfastTelemetry(this IHostApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])) return;
        builder.Services.AddOpenTelemetry()
            .WithMetrics(static metrics => metrics
                .AddMeter("Microsoft.Orleans", JournalMetrics.MeterName, OrderMetrics.MeterName, WatchMetrics.MeterName)
                .AddRuntimeInstrumentation())
            .WithTracing(static tracing => tracing.AddSource("Microsoft.Orleans.Runtime", "Microsoft.Orleans.Application"))
            .UseOtlpExporter();
    }
}
