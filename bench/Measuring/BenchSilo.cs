using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Holdfast.Bench.Measuring;

/// <summary>A silo as the product hosts it, in this process, on a store of its own; without front door and dashboard.</summary>
internal sealed class BenchSilo : IAsyncDisposable
{
    /// <summary>The slowest way that is measured makes its callers wait in line for longer than Orleans would let them.</summary>
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromMinutes(3);

    private readonly IHost _host;

    private BenchSilo(IHost host) => _host = host;

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public T Service<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <param name="stores">Where it keeps its data.</param>
    /// <param name="name">The name of its data there.</param>
    /// <param name="configure">What the silo hosts besides.</param>
    public static async Task<BenchSilo> Start(
        BenchStores stores, string name, CancellationToken cancellationToken, Action<ISiloBuilder>? configure = null)
    {
        var journal = await stores.Journal(name, cancellationToken);
        return await Start((journal + configure)!, cancellationToken);
    }

    /// <summary>A silo that hosts nothing but what is said here.</summary>
    public static async Task<BenchSilo> Start(Action<ISiloBuilder> configure, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging
            .AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace)
            .SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Orleans", LogLevel.Error);
        builder.UseOrleans(silo =>
        {
            var (siloPort, gatewayPort) = FreePorts();
            silo.UseLocalhostClustering(siloPort, gatewayPort);
            silo.Configure<SiloMessagingOptions>(static messaging => messaging.ResponseTimeout = ResponseTimeout);
            configure(silo);
        });
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return new(host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable host) await host.DisposeAsync();
        else _host.Dispose();
    }

    private static (int Silo, int Gateway) FreePorts()
    {
        // Both open at once, or the second could be the first again.
        using var silo = new TcpListener(IPAddress.Loopback, 0);
        using var gateway = new TcpListener(IPAddress.Loopback, 0);
        silo.Start();
        gateway.Start();
        return (((IPEndPoint)silo.LocalEndpoint).Port, ((IPEndPoint)gateway.LocalEndpoint).Port);
    }
}
