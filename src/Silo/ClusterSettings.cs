using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Holdfast.Journal;
using Holdfast.Journal.Postgres;
using Orleans.Configuration;

namespace Holdfast.Silo;

/// <summary>The settings of this process, checked, and what silos and front doors of one cluster must agree on.</summary>
internal sealed class ClusterSettings
{
    /// <summary>No command or answer of ours comes near this; Orleans' own bound is 100 MB.</summary>
    private const int MaxMessageBytes = 8 * 1024 * 1024;

    /// <summary>
    /// Owners on other silos whose place is remembered, some 300 bytes each. Orleans' own bound is a million, whether they are there or not.
    /// </summary>
    private const int MaxKnownPlaces = 100_000;

    /// <summary>Names the tables' rows of this product, whichever cluster writes them.</summary>
    private const string ServiceId = "holdfast";

    /// <summary>How often silos ask each other for a sign of life, and how long they wait for it.</summary>
    private static readonly TimeSpan Probe = TimeSpan.FromSeconds(1.5);

    /// <summary>Probes in a row without an answer for which a silo is suspected; two suspecting silos declare it dead.</summary>
    private const int MissedProbes = 3;

    /// <summary>How often a front door looks which silos there are.</summary>
    private static readonly TimeSpan GatewayRefresh = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a front door waits for an answer before it repeats the call: nothing else tells it that the silo in between died.
    /// </summary>
    private static readonly TimeSpan ClientPatience = TimeSpan.FromSeconds(5);

    private ClusterSettings(HoldfastOptions options, string? connectionString)
    {
        Options = options;
        ConnectionString = string.IsNullOrWhiteSpace(connectionString) ? null : connectionString;
        Database = ConnectionString is null ? null : new(ConnectionString);
    }

    public HoldfastOptions Options { get; }

    /// <summary>Of the shared database; null for the embedded store.</summary>
    public string? ConnectionString { get; }

    /// <summary>The shared database; null for the embedded store.</summary>
    public PostgresDatabase? Database { get; }

    /// <exception cref="ValidationException">A setting is wrong; the message says which.</exception>
    public static ClusterSettings Read(IConfiguration configuration)
    {
        var options = configuration.GetSection(HoldfastOptions.Section).Get<HoldfastOptions>() ?? new();
        Validator.ValidateObject(options, new(options), validateAllProperties: true);
        try
        {
            return new(options, configuration.GetConnectionString(HoldfastOptions.ConnectionString));
        }
        catch (JournalStoreException unreadable)
        {
            throw new ValidationException(unreadable.Message, unreadable);
        }
    }

    /// <exception cref="ValidationException">This program does not do that.</exception>
    public HoldfastRole RoleOf(string program, HoldfastRole byDefault, params ReadOnlySpan<HoldfastRole> possible)
    {
        var role = Options.Role is null ? byDefault : Enum.Parse<HoldfastRole>(Options.Role, ignoreCase: true);
        if (!possible.Contains(role)) throw new ValidationException($"Holdfast:Role is '{Options.Role}', which {program} cannot be.");
        if (role == HoldfastRole.Api && Database is null)
        {
            throw new ValidationException("Holdfast:Role 'api' needs ConnectionStrings:Holdfast, a PostgreSQL database: there it finds the silos.");
        }

        return role;
    }

    public void Configure(ISiloBuilder silo)
    {
        var (siloPort, gatewayPort) = (PortOrFree(Options.SiloPort), PortOrFree(Options.GatewayPort));
        silo.Configure<SiloMessagingOptions>(static messaging => messaging.MaxMessageBodySize = MaxMessageBytes);

        // Whoever was not asked for a quarter of an hour leaves memory; when memory gets short, the longest idle leave sooner.
        silo.Configure<GrainCollectionOptions>(static collection => collection.EnableActivationSheddingOnMemoryPressure = true);
        silo.Configure<GrainDirectoryOptions>(static directory => directory.CacheSize = MaxKnownPlaces);
        if (Database is null)
        {
            silo.UseLocalhostClustering(siloPort, gatewayPort);
            return;
        }

        silo.Configure<ClusterOptions>(Name);
        var address = AdvertisedAddress();
        silo.ConfigureEndpoints(address, siloPort, gatewayPort, listenOnAnyHostAddress: !IPAddress.IsLoopback(address));
        if (Options.SiloListeningPort is not 0 and var listening)
        {
            var local = IPAddress.IsLoopback(address) ? address : IPAddress.Any;
            silo.Configure<EndpointOptions>(endpoints => endpoints.SiloListeningEndpoint = new(local, listening));
        }

        silo.UseAdoNetClustering(clustering =>
        {
            clustering.Invariant = PostgresJournalHosting.Invariant;
            clustering.DataSource = Database.Providers;
        });
        if (Options.Kubernetes) silo.UseKubernetesHosting();
        silo.Configure<ClusterMembershipOptions>(static membership =>
        {
            membership.ProbeTimeout = Probe;
            membership.NumMissedProbesLimit = MissedProbes;
            membership.TableRefreshTimeout = TimeSpan.FromSeconds(10);
            membership.DefunctSiloExpiration = TimeSpan.FromDays(1);
        });
    }

    public void Configure(IClientBuilder client)
    {
        var database = Database ?? throw new InvalidOperationException("A client needs a database to find its silos.");
        client.Configure<ClusterOptions>(Name);
        client.Configure<ClientMessagingOptions>(static messaging =>
        {
            messaging.MaxMessageBodySize = MaxMessageBytes;
            messaging.ResponseTimeout = ClientPatience;
        });
        client.Configure<GatewayOptions>(static gateways => gateways.GatewayListRefreshPeriod = GatewayRefresh);
        client.UseAdoNetClustering((AdoNetClusteringClientOptions clustering) =>
        {
            clustering.Invariant = PostgresJournalHosting.Invariant;
            clustering.DataSource = database.Providers;
        });
    }

    private void Name(ClusterOptions cluster) => (cluster.ClusterId, cluster.ServiceId) = (Options.ClusterId, ServiceId);

    private IPAddress AdvertisedAddress()
    {
        var name = Options.AdvertisedAddress;
        if (IPAddress.TryParse(name, out var address)) return address;
        try
        {
            return name.Equals("auto", StringComparison.OrdinalIgnoreCase)
                ? ReachableAddresses().First()
                : Dns.GetHostAddresses(name, AddressFamily.InterNetwork)[0];
        }
        catch (Exception unknown) when (unknown is SocketException or InvalidOperationException)
        {
            throw new ValidationException($"Holdfast:AdvertisedAddress '{name}' is no address of this machine: {unknown.Message}", unknown);
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
