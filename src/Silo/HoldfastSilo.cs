using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Sockets;
using Holdfast.Grains;
using Holdfast.Grains.Orders.Payments;
using Holdfast.Journal.Sqlite;
using Holdfast.Journal.Writing;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Orleans.Configuration;
using Orleans.Dashboard;

namespace Holdfast.Silo;

public static class HoldfastSilo
{
    /// <summary>No command or answer of ours comes near this; Orleans' own bound is 100 MB.</summary>
    private const int MaxMessageBytes = 8 * 1024 * 1024;

    /// <summary>Adds a silo with everything Holdfast needs to the host: clustering, storage, streams, payments, telemetry, health.</summary>
    /// <exception cref="ValidationException">A setting of the section <c>Holdfast</c> is wrong; the message says which.</exception>
    public static IHostApplicationBuilder AddHoldfastSilo(this IHostApplicationBuilder builder)
    {
        var options = builder.Configuration.GetSection(HoldfastOptions.Section).Get<HoldfastOptions>() ?? new();
        Validator.ValidateObject(options, new(options), validateAllProperties: true);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(PortOrFree(options.SiloPort), PortOrFree(options.GatewayPort));
            silo.Configure<SiloMessagingOptions>(static messaging => messaging.MaxMessageBodySize = MaxMessageBytes);
            silo.AddHoldfast(options.DataDirectory);
            if (options.Dashboard) silo.AddDashboard();
        });
        builder.AddHoldfastTelemetry();
        builder.Services.AddHealthChecks().AddCheck<JournalHealthCheck>("journal");
        return builder;
    }

    /// <summary>The part of a silo that does not depend on how it is hosted or clustered: grains, embedded store, sandbox gateway.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="dataDirectory">Where the embedded store keeps its files; created when missing.</param>
    public static ISiloBuilder AddHoldfast(this ISiloBuilder builder, string dataDirectory)
    {
        builder.AddSqliteJournal(dataDirectory);
        builder.AddHoldfastGrains();
        builder.Services.AddSandboxGateway(gateway => gateway.Path = Path.Combine(dataDirectory, "sandbox-gateway.db"));
        return builder;
    }

    private static void AddHoldfastTelemetry(this IHostApplicationBuilder builder)
    {
        var telemetry = builder.Services.AddOpenTelemetry()
            .WithMetrics(static metrics => metrics
                .AddMeter("Microsoft.Orleans", JournalMetrics.MeterName)
                .AddRuntimeInstrumentation())
            .WithTracing(static tracing => tracing.AddSource("Microsoft.Orleans.Runtime", "Microsoft.Orleans.Application"));

        // The exporter's own variable switches it on; without a collector there is nobody to export to.
        if (!string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])) telemetry.UseOtlpExporter();
    }

    private static int PortOrFree(int port)
    {
        if (port != 0) return port;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
