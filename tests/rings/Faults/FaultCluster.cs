using System.Collections.Concurrent;
using System.Net;
using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Rig;
using Holdfast.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;
using ClusterMember = Holdfast.Rig.ClusterMember;

namespace Holdfast.Rings.Faults;

/// <summary>
/// Three silos and two front doors as processes of their own on a PostgreSQL of their own, with a breakable line between each
/// process and the database and before each silo's port for the others. Shared by its tests; each leaves it healthy.
/// </summary>
public sealed class FaultCluster : IAsyncLifetime
{
    /// <summary>For a cluster on a slow machine to notice a fault, or to get over it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>The variable of the environment that names a directory in which the logs of all processes stay.</summary>
    private const string Logs = "HOLDFAST_FAULT_LOGS";

    private const string ClusterId = "holdfast";
    private const string ServiceId = "holdfast";

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);

    /// <summary>For one try of a request: front doors try for 20 seconds themselves, and then the last one may take its time.</summary>
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(40);

    private readonly List<HttpClient> _doors = [];
    private ClusterProcesses _processes = null!;
    private IHost? _everyone;

    public IReadOnlyList<ClusterMember> Silos => _processes.Silos;

    public IReadOnlyList<ClusterMember> FrontDoors => _processes.FrontDoors;

    public IReadOnlyList<HttpClient> Doors => _doors;

    public PostgresServer Postgres => _processes.Postgres!;

    /// <summary>A client of all silos, in this process.</summary>
    public IGrainFactory Grains => _everyone!.Services.GetRequiredService<IClusterClient>();

    /// <summary>Ids of all orders that any test placed.</summary>
    public ConcurrentBag<string> Orders { get; } = [];

    public async Task InitializeAsync()
    {
        // The fixture of tests that are skipped is made all the same.
        if (Wants.Server.WhyNot() is not null) return;
        _processes = await ClusterProcesses.Start(
            new() { DatabaseThroughProxies = true, PeersThroughProxies = true, Directory = Environment.GetEnvironmentVariable(Logs) is { Length: > 0 } logs ? logs : null },
            TimeProvider.System);
        _doors.AddRange(FrontDoors.Select(static door => new HttpClient(
            new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(2) })
        { BaseAddress = door.Url, Timeout = RequestLimit }));
        _everyone = await Connect(RequestLimit, [.. Silos]);
    }

    public async Task DisposeAsync()
    {
        foreach (var door in _doors) door.Dispose();
        if (_everyone is not null) await Disconnect(_everyone);
        if (_processes is not null) await _processes.DisposeAsync();
    }

    /// <summary>A client in this process that knows these silos and no other.</summary>
    public static async Task<IHost> Connect(TimeSpan patience, params ClusterMember[] silos)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.ClearProviders();
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering([.. silos.Select(static silo => new IPEndPoint(IPAddress.Loopback, silo.GatewayPort!.Value))]);
            client.Configure<ClusterOptions>(static cluster => (cluster.ClusterId, cluster.ServiceId) = (ClusterId, ServiceId));
            client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = patience);
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>Ends a client, also one whose silo no longer answers.</summary>
    public static async Task Disconnect(IHost client)
    {
        using (client)
        {
            using var atOnce = new CancellationTokenSource(TimeSpan.FromSeconds(1), TimeProvider.System);
            await client.StopAsync(atOnce.Token).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>Lines are whole, everybody runs, and everybody is ready.</summary>
    public async Task Heal()
    {
        if (Postgres.ProcessId is null) await Postgres.Restart();
        foreach (var member in _processes.Members)
        {
            member.Database!.Pass();
            member.Peers?.Pass();
            member.Process!.Resume();
        }

        foreach (var silo in Silos)
        {
            // One that was declared dead ends by itself when it learns of it, and is started again, as by any supervisor.
            if (silo.IsRunning && await IsDead(silo)) await silo.Process!.Exited.WaitAsync(Patience, TimeProvider.System);
        }

        foreach (var member in _processes.Members.Where(static member => !member.IsRunning)) await member.Start();
        await Task.WhenAll(_processes.Members.Select(static member => member.WaitUntilReady()));
        await Eventually.True(
            async () => await Ask("SELECT count(*) FROM membership WHERE status = 3") == Silos.Count,
            () => "exactly the silos that run should be members of the cluster");
    }

    /// <summary>The newest incarnation of a silo, as the membership has it, is declared dead.</summary>
    public async Task<bool> IsDead(ClusterMember silo) => await Ask(
        $"SELECT count(*) FROM (SELECT status FROM membership WHERE port = {silo.SiloPort} ORDER BY generation DESC LIMIT 1) newest WHERE status = 6") == 1;

    public Task DeclaredDead(ClusterMember silo) => Eventually.True(() => IsDead(silo), () => $"{silo.Name} should have been declared dead");

    /// <summary>A number that the database has.</summary>
    public async Task<long> Ask(string sql)
    {
        await using var connection = await Open();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    public async Task<NpgsqlConnection> Open()
    {
        // Not pooled: some tests end the server's connections.
        var settings = new NpgsqlConnectionStringBuilder(_processes.ConnectionString) { SearchPath = "holdfast", Pooling = false };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static readonly TimeSpan PlacementPatience = TimeSpan.FromSeconds(60);

    /// <summary>Names of new counters, each with the value 1, that live on a silo.</summary>
    public async Task<string[]> CountersOn(ClusterMember silo, string name, int count)
    {
        // Orleans prefers silos with more room, by figures that are some seconds old: one that was busy just now may get none for a while.
        const int TriesAtOnce = 100;
        var (found, started) = (new List<string>(), TimeProvider.System.GetTimestamp());
        for (var tried = 0; found.Count < count; tried++)
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(started) < PlacementPatience,
                $"of {tried} counters within {PlacementPatience}, {count} should live on {silo.Name}");
            if (tried % TriesAtOnce == TriesAtOnce - 1) await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
            var key = $"{name}-{tried}";
            await Repeat(grains => grains.GetGrain<ICounter>(key).Increment(new(new(PublicId.Derive(key), 1), 1)));
            if (await HomeOf(Grains.GetGrain<ICounter>(key)) == silo.SiloPort) found.Add(key);
        }

        return [.. found];
    }

    /// <summary>A call that may be repeated, until it is answered.</summary>
    public async Task<T> Repeat<T>(Func<IGrainFactory, ValueTask<T>> call)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await call(Grains);
            }
            catch (Exception exception) when (
                exception is RetryableException or OrleansException or TimeoutException && TimeProvider.System.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(PollInterval, TimeProvider.System);
            }
        }
    }

    /// <summary>The port of the silo that an owner lives on.</summary>
    public async Task<int?> HomeOf(IAddressable owner) =>
        (await Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(owner))?.Endpoint.Port;
}

/// <summary>Faults are timed in seconds: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FaultRing : ICollectionFixture<FaultCluster>
{
    public const string Name = "faults";
}
