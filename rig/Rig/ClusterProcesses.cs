using System.Globalization;
using Npgsql;

namespace Holdfast.Rig;

/// <summary>What a cluster is made of.</summary>
public sealed record ClusterPlan
{
    public int Silos { get; init; } = 3;

    public int FrontDoors { get; init; } = 2;

    /// <summary>The first front door's port, the others follow; free ones when left out.</summary>
    public int? FirstFrontDoorPort { get; init; }

    /// <summary>The connection string of a given database; a server of our own when left out.</summary>
    public string? Postgres { get; init; }

    /// <summary>Under the server of our own; a disk that never stalls when left out.</summary>
    public StallingDisk? Disk { get; init; }

    /// <summary>Seconds for which a process waits for an answer of the database; what Holdfast has when left out.</summary>
    public int? CommandSeconds { get; init; }

    /// <summary>Each process reaches the database through a <see cref="FaultProxy"/> of its own.</summary>
    public bool DatabaseThroughProxies { get; init; }

    /// <summary>The other silos reach each silo through a <see cref="FaultProxy"/> in front of it.</summary>
    public bool PeersThroughProxies { get; init; }

    /// <summary>For logs, which stay, and the database of our own, which does not; a temporary one, removed at the end, when left out.</summary>
    public string? Directory { get; init; }

    public string ClusterId { get; init; } = "holdfast";

    /// <summary>More settings, the same for every process.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>For making the schema, and for each process from its start until it is ready.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>Silos and front doors as processes of their own on this machine, with the PostgreSQL that they share.</summary>
public sealed class ClusterProcesses : IAsyncDisposable
{
    private const string DatabaseName = "holdfast";

    private readonly ClusterPlan _settings;
    private readonly TimeProvider _clock;

    private ClusterProcesses(ClusterPlan settings, TimeProvider clock)
    {
        _settings = settings;
        _clock = clock;
        LogDirectory = settings.Directory is { } directory
            ? Directory.CreateDirectory(directory).FullName
            : Directory.CreateTempSubdirectory("holdfast-cluster-").FullName;
    }

    /// <summary>The server of our own; null when a database was given.</summary>
    public PostgresServer? Postgres { get; private set; }

    /// <summary>Where each process and the server of our own write their logs.</summary>
    public string LogDirectory { get; }

    /// <summary>Leave the logs when everything else is removed, for somebody who has to see what went wrong.</summary>
    public bool KeepLogs { get; set; }

    /// <summary>The database itself, not through any proxy.</summary>
    public string ConnectionString { get; private set; } = "";

    public IReadOnlyList<ClusterMember> Silos { get; private set; } = [];

    public IReadOnlyList<ClusterMember> FrontDoors { get; private set; } = [];

    public IEnumerable<ClusterMember> Members => [.. Silos, .. FrontDoors];

    /// <summary>Starts all of it, and waits until all are ready.</summary>
    /// <exception cref="RigException">Something did not start: the message says what, with its last lines.</exception>
    /// <exception cref="IOException">The directory cannot be made or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be made or written.</exception>
    public static async Task<ClusterProcesses> Start(ClusterPlan settings, TimeProvider clock, CancellationToken cancellationToken = default)
    {
        var cluster = new ClusterProcesses(settings, clock);
        try
        {
            await cluster.Start(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks every process to stop in order, front doors first, and waits for their end. The database stays.</summary>
    public async Task Stop()
    {
        await Task.WhenAll(FrontDoors.Where(static member => member.IsRunning).Select(static member => member.Stop()));
        await Task.WhenAll(Silos.Where(static member => member.IsRunning).Select(static member => member.Stop()));
    }

    /// <summary>Kills what runs, and removes the database of our own.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var member in Members) await member.DisposeAsync();
        if (Postgres is { } postgres) await postgres.DisposeAsync();
        if (_settings.Directory is null && !KeepLogs && Directory.Exists(LogDirectory)) Directory.Delete(LogDirectory, recursive: true);
    }

    private async Task Start(CancellationToken cancellationToken)
    {
        RequireFrontDoorPorts();
        ConnectionString = _settings.Postgres ?? await OwnDatabase(cancellationToken);
        await HoldfastProcess.Migrate(ConnectionString, _settings.StartLimit, _clock, cancellationToken);

        Silos = [.. Enumerable.Range(1, _settings.Silos).Select(Silo)];
        await Start(Silos, cancellationToken);

        FrontDoors = [.. Enumerable.Range(1, _settings.FrontDoors).Select(FrontDoor)];
        await Start(FrontDoors, cancellationToken);
    }

    private static async Task Start(IReadOnlyList<ClusterMember> members, CancellationToken cancellationToken)
    {
        foreach (var member in members) await member.Start();
        await Task.WhenAll(members.Select(member => member.WaitUntilReady(cancellationToken)));
    }

    /// <summary>Before anything is started for them in vain.</summary>
    private void RequireFrontDoorPorts()
    {
        if (_settings.FirstFrontDoorPort is not { } first) return;
        foreach (var port in Enumerable.Range(first, _settings.FrontDoors))
        {
            if (!LoopbackPorts.IsFree(port)) throw new RigException($"Port {port} is taken: a front door cannot listen there.");
        }
    }

    private async Task<string> OwnDatabase(CancellationToken cancellationToken)
    {
        // Not below a temporary directory of ours, which is closed to the user that the server runs as when we are root.
        Postgres = await PostgresServer.Start(_clock, _settings.Directory, Path.Combine(LogDirectory, "postgresql.log"), _settings.Disk?.SharedObject, cancellationToken);
        var database = await Postgres.CreateDatabase(DatabaseName, cancellationToken);
        return _settings.CommandSeconds is { } seconds ? new NpgsqlConnectionStringBuilder(database) { CommandTimeout = seconds }.ConnectionString : database;
    }

    private ClusterMember Silo(int number)
    {
        var (listening, gateway) = (LoopbackPorts.Next(), LoopbackPorts.Next());
        var peers = _settings.PeersThroughProxies ? FaultProxy.Start(listening, _clock) : null;
        var port = peers?.Port ?? listening;
        var (start, database) = Start($"silo-{number}", HoldfastProcess.Silo, LoopbackPorts.Next(), new()
        {
            ["Holdfast:SiloPort"] = Text(port),
            ["Holdfast:SiloListeningPort"] = Text(listening),
            ["Holdfast:GatewayPort"] = Text(gateway),
        });
        return new(start, _settings.StartLimit, _clock) { Database = database, Peers = peers, SiloPort = port, GatewayPort = gateway };
    }

    private ClusterMember FrontDoor(int number)
    {
        var port = _settings.FirstFrontDoorPort is { } first ? first + number - 1 : LoopbackPorts.Next();
        var (start, database) = Start($"front-door-{number}", HoldfastProcess.FrontDoor, port, new() { ["Holdfast:Role"] = "api" });
        return new(start, _settings.StartLimit, _clock) { Database = database };
    }

    private (HoldfastStart Start, FaultProxy? Database) Start(string name, string program, int port, Dictionary<string, string> own)
    {
        var proxy = _settings.DatabaseThroughProxies ? Proxy() : null;
        Dictionary<string, string> settings = new(_settings.Settings)
        {
            ["ConnectionStrings:Holdfast"] = proxy is null ? ConnectionString : Through(proxy),
            ["Holdfast:ClusterId"] = _settings.ClusterId,
            ["Holdfast:DataDirectory"] = Path.Combine(LogDirectory, name),
        };
        foreach (var (key, value) in own) settings[key] = value;
        var start = new HoldfastStart(name, program, new($"http://127.0.0.1:{port}"))
        {
            Settings = settings,
            WorkingDirectory = LogDirectory,
            OutputFile = Path.Combine(LogDirectory, $"{name}.log"),
        };
        return (start, proxy);
    }

    private FaultProxy Proxy()
    {
        var database = new NpgsqlConnectionStringBuilder(ConnectionString);
        return FaultProxy.Start(database.Port, _clock, database.Host ?? "127.0.0.1");
    }

    private string Through(FaultProxy proxy) =>
        new NpgsqlConnectionStringBuilder(ConnectionString) { Host = "127.0.0.1", Port = proxy.Port }.ConnectionString;

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
