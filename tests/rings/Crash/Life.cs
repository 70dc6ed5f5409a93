using Holdfast.Contracts;

namespace Holdfast.Rings.Crash;

/// <summary>
/// One run of a script with things of its own, whose world stops at one point: from there on nothing of it is stored, delivered,
/// charged or answered. Its neighbours on the silo go on.
/// </summary>
internal sealed class Life(string name, Point? stopAt)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _crossed = [];
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gateReached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gateOpen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _firstDelivered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _armed;

    public string Name => name;

    public Point? StopAt => stopAt;

    public Guid OrderOperation { get; } = PublicId.Derive("crash", name);

    public string OrderId => PublicId.Format(PublicId.Order, OrderOperation);

    public string OrderKind => $"order/{OrderId}";

    /// <summary>A step of this order that fails until it is cleared.</summary>
    public volatile string? Failing;

    /// <summary>The gateway's answer waits for <see cref="OpenGate"/>.</summary>
    public bool Gated { get; set; }

    /// <summary>Two steps that could run in either order: the second waits until the first has been delivered.</summary>
    public (string First, string Second)? Sequence { get; set; }

    public Task Stopped => _stopped.Task;

    public bool HasStopped => _stopped.Task.IsCompleted;

    public Task GateReached => _gateReached.Task;

    /// <summary>What was acknowledged, by the name of the call.</summary>
    public Dictionary<string, string> Acknowledged { get; } = [];

    /// <summary>How often each point was crossed.</summary>
    public IReadOnlyDictionary<string, int> Crossed => _crossed;

    /// <summary>From here on points count: what comes before only sets the scene.</summary>
    public void Arm() => _armed = true;

    /// <summary>False when the world has stopped, now or before.</summary>
    public bool Cross(string point)
    {
        lock (_lock)
        {
            if (HasStopped) return false;
            if (!_armed) return true;
            var times = _crossed[point] = _crossed.GetValueOrDefault(point) + 1;
            if (stopAt is null || stopAt.Label != point || stopAt.Occurrence != times) return true;
            _stopped.SetResult();
            return false;
        }
    }

    public Task AwaitTurn(string step) =>
        Sequence?.Second == step ? Task.WhenAny(_firstDelivered.Task, Stopped) : Task.CompletedTask;

    public void Delivered(string step)
    {
        if (Sequence?.First == step) _firstDelivered.TrySetResult();
    }

    public Task PassGate()
    {
        _gateReached.TrySetResult();
        return Gated ? _gateOpen.Task : Task.CompletedTask;
    }

    public void OpenGate() => _gateOpen.TrySetResult();
}

/// <summary>A place where the world can stop.</summary>
/// <param name="Occurrence">1 for the first crossing.</param>
internal sealed record Point(string Script, string Label, int Occurrence)
{
    public override string ToString() => Occurrence == 1 ? $"{Script} | {Label}" : $"{Script} | {Label} #{Occurrence}";

    public static Point Parse(string line)
    {
        var parts = line.Split(" | ");
        var hash = parts[1].LastIndexOf(" #", StringComparison.Ordinal);
        return hash < 0
            ? new(parts[0], parts[1], 1)
            : new(parts[0], parts[1][..hash], int.Parse(parts[1].AsSpan(hash + 2), System.Globalization.CultureInfo.InvariantCulture));
    }
}

/// <summary>Thrown through a script when its world has stopped.</summary>
internal sealed class WorldStoppedException : Exception;
