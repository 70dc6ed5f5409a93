namespace Holdfast.Rig;

/// <summary>A silo or a front door of a cluster: one process at a time, over and over on the same ports, settings and log.</summary>
public sealed class ClusterMember : IAsyncDisposable
{
    private readonly HoldfastStart _start;
    private readonly TimeSpan _startLimit;
    private readonly TimeProvider _clock;

    internal ClusterMember(HoldfastStart start, TimeSpan startLimit, TimeProvider clock) =>
        (_start, _startLimit, _clock) = (start, startLimit, clock);

    /// <summary><c>silo-1</c>, <c>front-door-2</c> …</summary>
    public string Name => _start.Name;

    /// <summary>Where it listens, its health included.</summary>
    public Uri Url => _start.Url;

    /// <summary>All that its processes wrote, one after the other.</summary>
    public string LogFile => _start.OutputFile!;

    /// <summary>Its own way to the database; null when the cluster was made without.</summary>
    public FaultProxy? Database { get; internal init; }

    /// <summary>The other silos' way to it; null for a front door, and when the cluster was made without.</summary>
    public FaultProxy? Peers { get; internal init; }

    /// <summary>The port under which the cluster knows this silo; null for a front door.</summary>
    public int? SiloPort { get; internal init; }

    /// <summary>The silo's port for front doors and other clients; null for a front door.</summary>
    public int? GatewayPort { get; internal init; }

    /// <summary>The newest process; it may have ended. Null before the first start.</summary>
    public HoldfastProcess? Process { get; private set; }

    public bool IsRunning => Process is { Exited.IsCompleted: false };

    /// <summary>Starts a process and returns at once.</summary>
    /// <exception cref="InvalidOperationException">One is running.</exception>
    /// <exception cref="RigException">A port that it needs is taken.</exception>
    public async Task Start()
    {
        if (IsRunning) throw new InvalidOperationException($"{Name} is running already, as process {Process!.Id}.");
        if (Process is { } ended) await ended.DisposeAsync();
        // The program would say so, too, but between many lines of other things.
        if (!LoopbackPorts.IsFree(Url.Port)) throw new RigException($"Port {Url.Port} is taken: {Name} cannot listen there.");
        Process = HoldfastProcess.Start(_start, _clock);
    }

    /// <summary>Waits until it answers that it is ready.</summary>
    /// <exception cref="RigException">It ended, or was not ready in time: the message has its last lines.</exception>
    public Task WaitUntilReady(CancellationToken cancellationToken = default) => Running().WaitUntilReady(_startLimit, cancellationToken);

    /// <summary>Asks it to stop in order, and waits for its end; returns the exit code.</summary>
    public Task<int> Stop() => Running().Terminate();

    /// <summary>Kills it, and waits for its end.</summary>
    public Task<int> Kill() => Running().Kill();

    /// <summary>Starts it, after stopping it in order if it runs, and waits until it is ready.</summary>
    /// <exception cref="RigException">It ended, or was not ready in time: the message has its last lines.</exception>
    public async Task Restart(CancellationToken cancellationToken = default)
    {
        if (IsRunning) await Stop();
        await Start();
        await WaitUntilReady(cancellationToken);
    }

    /// <summary>Kills it if it runs, and closes its proxies.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Process is { } process) await process.DisposeAsync();
        if (Database is { } database) await database.DisposeAsync();
        if (Peers is { } peers) await peers.DisposeAsync();
    }

    private HoldfastProcess Running() => Process ?? throw new InvalidOperationException($"{Name} was not started.");
}
