namespace Holdfast.Simulation;

/// <summary>One activation of a grain on a silo, which does one thing at a time.</summary>
internal sealed class Activation : IGrainContext
{
    private readonly Action<Activation> _onLeft;
    private bool _leaves;

    public Activation(Loop loop, Silo silo, GrainId grainId, Func<IGrainContext, IGrainBase> create, Action<Activation> onLeft)
    {
        (Silo, GrainId, _onLeft) = (silo, grainId, onLeft);
        Turns = new(loop);
        Grain = create(this);
        Loaded = Turns.Run(() => Grain.OnActivateAsync(CancellationToken.None));
    }

    public Silo Silo { get; }

    public Turns Turns { get; }

    public IGrainBase Grain { get; }

    /// <summary>It can be called from here on; a failure ends it.</summary>
    public Task Loaded { get; }

    /// <summary>Completes when nothing of it will run any more.</summary>
    public TaskCompletionSource Dead { get; } = new();

    public GrainId GrainId { get; }

    /// <summary>The end of the process.</summary>
    public void Kill()
    {
        Turns.Stop();
        _onLeft(this);
        Dead.TrySetResult();
    }

    /// <summary>The owner leaves: what is under way may end, and from then on nobody is sent here any more.</summary>
    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        if (_leaves) return;
        _leaves = true;
        _ = Turns.Run(async () =>
        {
            await Grain.OnDeactivateAsync(deactivationReason, CancellationToken.None);
            _onLeft(this);
        });
    }

    object? IGrainContext.GrainInstance => Grain;

    IServiceProvider IGrainContext.ActivationServices => throw NotSimulated();

    IGrainLifecycle IGrainContext.ObservableLifecycle => throw NotSimulated();

    IWorkItemScheduler IGrainContext.Scheduler => throw NotSimulated();

    GrainReference IGrainContext.GrainReference => throw NotSimulated();

    ActivationId IGrainContext.ActivationId => throw NotSimulated();

    GrainAddress IGrainContext.Address => throw NotSimulated();

    Task IGrainContext.Deactivated => Dead.Task;

    void IGrainContext.SetComponent<TComponent>(TComponent? value)
        where TComponent : class => throw NotSimulated();

    void IGrainContext.ReceiveMessage(object message) => throw NotSimulated();

    void IGrainContext.Activate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken) => throw NotSimulated();

    void IGrainContext.Rehydrate(IRehydrationContext context) => throw NotSimulated();

    void IGrainContext.Migrate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken) => throw NotSimulated();

    object? Orleans.Serialization.Invocation.ITargetHolder.GetTarget() => Grain;

    object? Orleans.Serialization.Invocation.ITargetHolder.GetComponent(Type componentType) => null;

    bool IEquatable<IGrainContext>.Equals(IGrainContext? other) => ReferenceEquals(this, other);

    private static NotSupportedException NotSimulated() => new("The simulation has no such thing of Orleans.");
}
