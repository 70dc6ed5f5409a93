using System.Diagnostics;
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
        builder.Services.ConfigureOpenTelemetryTracerProvider(static tracing => tracing.AddAspNetCoreInstrumentation(static requests =>
            requests.EnrichWithHttpResponse = static (activity, response) => NameNobody(activity, response.HttpContext)));
        builder.Services.ConfigureOpenTelemetryMeterProvider(static metrics => metrics.AddAspNetCoreInstrumentation());
    }

    /// <summary>A path may name a person: a trace has the route instead.</summary>
    private static void NameNobody(Activity activity, HttpContext context)
    {
        activity.SetTag("url.path", (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText);
        activity.SetTag("url.query", null);
    }
}
