using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Holdfast.Journal.Postgres;
using Holdfast.Silo.Settings;
using Orleans.Configuration;

namespace Holdfast.Silo.Cluster;

/// <summary>What the silos and front doors of one cluster must agree on, and how they find each other.</summary>
internal static class Clustering
{
    /// <summary>No command or answer of ours comes near this; Orleans' own bound is 100 MB.</summary>
    private const int MaxMessageBytes = 8 * 1024 * 1024;

    /// <summary>
    /// Owners on other silos whose place is remembered, some 300 bytes each. Orleans' own bound is a million, whether they are there
    /// or not.
    /// </summary>
    private const int MaxKnownPlaces = 100_000;

    /// <summary>Names the tables' rows of this product, whichever cluster writes them.</summary>
    private const string ServiceId = "holdfast";

    public static void AddClustering(this ISiloBuilder silo, HoldfastSettings settings)
    {
        var options = settings.Options;
        var (siloPort, gatewayPort) = (PortOrFree(options.SiloPort), PortOrFree(options.GatewayPort));
        silo.Configure<SiloMessagingOptions>(static messaging => messaging.MaxMessageBodySize = MaxMessageBytes);

        // Whoever was not asked for a quarter of an hour leaves memory; when memory gets short, the longest idle leave sooner.
        silo.Configure<GrainCollectionOptions>(static collection => collection.EnableActivationSheddingOnMemoryPressure = true);
        silo.Configure<GrainDirectoryOptions>(static directory => directory.CacheSize = MaxKnownPlaces);
        if (settings.Database is not { } database)
        {
            silo.UseLocalhostClustering(siloPort, gatewayPort);
            return;
        }

        silo.Configure<ClusterOptions>(cluster => Name(cluster, options));
        var address = AddressOf(options.AdvertisedAddress);
        silo.ConfigureEndpoints(address, siloPort, gatewayPort, listenOnAnyHostAddress: !IPAddress.IsLoopback(address));
        if (options.SiloListeningPort is not 0 and var listening)
        {
            var local = IPAddress.IsLoopback(address) ? address : IPAddress.Any;
            silo.Configure<EndpointOptions>(endpoints => endpoints.SiloListeningEndpoint = new(local, listening));
        }

        silo.UseAdoNetClustering(clustering =>
        {
            clustering.Invariant = PostgresJournalHosting.Invariant;
            clustering.DataSource = database.Providers;
        });
        if (options.Kubernetes) silo.UseKubernetesHosting();
        silo.Configure<ClusterMembershipOptions>(static membership =>
        {
            membership.ProbeTimeout = Budgets.Probe;
            membership.NumMissedProbesLimit = Budgets.MissedProbes;
            membership.TableRefreshTimeout = Budgets.MembershipRefresh;
            membership.DefunctSiloExpiration = Budgets.Defunct;
        });
    }

    public static void AddClustering(this IClientBuilder client, HoldfastSettings settings)
    {
        var database = settings.Database ?? throw new InvalidOperationException("A client needs a database to find its silos.");
        client.Configure<ClusterOptions>(cluster => Name(cluster, settings.Options));
        client.Configure<ClientMessagingOptions>(static messaging =>
        {
            messaging.MaxMessageBodySize = MaxMessageBytes;
            messaging.ResponseTimeout = Budgets.CallRepeat;
        });
        client.Configure<GatewayOptions>(static gateways => gateways.GatewayListRefreshPeriod = Budgets.GatewayRefresh);
        client.UseAdoNetClustering((AdoNetClusteringClientOptions clustering) =>
        {
            clustering.Invariant = PostgresJournalHosting.Invariant;
            clustering.DataSource = database.Providers;
        });
        client.UseConnectionRetryFilter<ConnectionRetry>();
    }

    private static void Name(ClusterOptions cluster, HoldfastOptions options) =>
        (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, ServiceId);

    /// <param name="name">An IP address, the name of a host, or <c>auto</c>.</param>
    private static IPAddress AddressOf(string name)
    {
        if (IPAddress.TryParse(name, out var address)) return address;
        try
        {
            return name.Equals("auto", StringComparison.OrdinalIgnoreCase)
                ? ReachableAddresses().First()
                : Dns.GetHostAddresses(name, AddressFamily.InterNetwork)[0];
        }
        catch (Exception unknown) when (unknown is SocketException or InvalidOperationException)
        {
            throw new StartRefusedException(
                $"Holdfast:AdvertisedAddress '{name}' is no address of this machine: {unknown.Message}", unknown);
        }
    }

    private static IEnumerable<IPAddress> ReachableAddresses() =>
        from network in NetworkInterface.GetAllNetworkInterfaces()
        where network.OperationalStatus == OperationalStatus.Up && network.NetworkInterfaceType != NetworkInterfaceType.Loopback
        from unicast in network.GetIPProperties().UnicastAddresses
        where unicast.Address.AddressFamily == AddressFamily.InterNetwork
        select unicast.Address;

    private static int PortOrFree(int port)
    {
        if (port != 0) return port;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
