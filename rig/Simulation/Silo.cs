using Holdfast.Contracts;
using Holdfast.Grains.Hosting;
using Holdfast.Grains.Orders;
using Holdfast.Journal;
using Holdfast.Journal.Writing;
using Holdfast.Outbox.Lanes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Holdfast.Simulation;

/// <summary>One process of the cluster: what it gives to the owners that it hosts, with a clock and a lease of its own.</summary>
internal sealed class Silo : IReadLease, IAppends, ILaneChoice, ISnapshots
{
    /// <summary>No world is so long that a snapshot would be taken.</summary>
    private const int NeverSnapshots = int.MaxValue;

    private readonly World _world;
    private readonly TaskCompletionSource _gone = new();
    private readonly List<Activation> _activations = [];
    private readonly List<Turns> _handlers = [];
    private bool _standsStill;

    public Silo(World world, ILoggerFactory logs)
    {
        _world = world;
        System = new(world.Loop);
        Clock = new(world.Loop, System);
        Memory = new(Clock, NullLogger<MemoryPressure>.Instance, static () => 0, static () => { });
        var journal = Options.Create(new JournalOptions { MinSnapshotTail = NeverSnapshots });
        Services = new(
            world.Store,
            this,
            this,
            this,
            this,
            new StreamLoads(Clock, journal, NullLogger<StreamLoads>.Instance, System.Run),
            new ReceiptBudget(Options.Create(new ReceiptOptions()), Clock, NullLogger<ReceiptBudget>.Instance),
            Clock,
            journal,
            new UnknownOwners(),
            Memory,
            new ReadLoads(Clock, NullLogger<ReadLoads>.Instance),
            Signs,
            new SecondLooks(Clock),
            logs);
        Admission = new(static _ => default, Memory, Options.Create(new OutboxOptions()), Clock);
    }

    /// <summary>Where its timers run.</summary>
    public Turns System { get; }

    public MachineClock Clock { get; }

    public OwnerServices Services { get; }

    public OrderAdmission Admission { get; }

    public EndedOrders Ended { get; } = new();

    /// <summary>Of races that its owners have met.</summary>
    public RaceSigns Signs { get; } = new();

    public bool IsAlive { get; private set; } = true;

    /// <summary>Others are told that it is not there any more; it may not know that yet.</summary>
    public bool IsCutOff { get; private set; }

    public bool IsHeld => !IsCutOff;

    public bool Overloaded => false;

    private MemoryPressure Memory { get; }

    /// <summary>Completes when the process is gone.</summary>
    public Task Gone => _gone.Task;

    /// <summary>A handler runs here.</summary>
    public void Runs(Turns handler)
    {
        _handlers.Add(handler);
        if (_standsStill) handler.Pause();
    }

    public void HasRun(Turns handler) => _handlers.Remove(handler);

    /// <summary>An activation is here until the process ends: one that has left may still have something under way.</summary>
    public void Add(Activation activation)
    {
        _activations.Add(activation);
        if (_standsStill) activation.Turns.Pause();
    }

    /// <summary>The process is gone, with everything in it.</summary>
    public void Kill()
    {
        (IsAlive, IsCutOff) = (false, true);
        System.Stop();
        Services.Loads.Dispose();
        foreach (var handler in _handlers) handler.Stop();
        foreach (var activation in _activations.ToArray()) activation.Kill();
        _gone.TrySetResult();
    }

    /// <summary>The cluster goes on without it, while it still runs: its lease is over before that.</summary>
    public void CutOff() => IsCutOff = true;

    /// <summary>The process stands still: a stalled disk, a stopped machine.</summary>
    public void Pause()
    {
        _standsStill = true;
        System.Pause();
        foreach (var handler in _handlers) handler.Pause();
        foreach (var activation in _activations) activation.Turns.Pause();
    }

    public void Resume()
    {
        _standsStill = false;
        System.Resume();
        foreach (var handler in _handlers) handler.Resume();
        foreach (var activation in _activations) activation.Turns.Resume();
    }

    public Task<AppendStatus> Submit(Append append) => _world.Writer.Submit(this, append);

    public int Choose(LaneClass laneClass, string key) => (int)laneClass;

    Task<Snapshot?> ISnapshots.Read(string stream) => Task.FromResult<Snapshot?>(null);

    Task<Snapshot> ISnapshots.Write(string stream, Snapshot snapshot) => Task.FromResult(snapshot);

    Task ISnapshots.Erase(string stream) => Task.CompletedTask;
}
