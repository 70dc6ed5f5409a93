using Holdfast.Contracts.Counters;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Grains.Counters;
using Holdfast.Grains.Inventory;
using Holdfast.Grains.Orders;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Simulation;

/// <summary>
/// The silos, and who is active where. Calls may be lost, or their answers; while a silo is cut off, an owner that it hosts can be active a
/// second time elsewhere, and calls that were on their way still reach the first one.
/// </summary>
internal sealed class Cluster
{
    private const int Silos = 2;

    /// <summary>How long a caller waits for an answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly World _world;
    private readonly ILoggerFactory _logs;
    private readonly List<Silo> _silos = [];
    private readonly Dictionary<GrainId, Activation> _active = [];
    private readonly List<Activation> _overtaken = [];

    public Cluster(World world, ILoggerFactory logs)
    {
        (_world, _logs) = (world, logs);
        for (var i = 0; i < Silos; i++) _silos.Add(new(world, logs));
    }

    public IOptions<OrderOptions> Orders { get; } = Options.Create(new OrderOptions());

    public Silo AnySilo() => _world.Dice.Of(_silos);

    public IOrderSteps Steps(string orderId) => new OrderReference(this, orderId);

    /// <param name="before">Waited for before each call.</param>
    public IOrderSteps Steps(string orderId, Func<Task> before) => new OrderReference(this, orderId, before);

    public IOrderSaga Order(string orderId) => new OrderReference(this, orderId);

    public IProductInventory Product(string sku) => new ProductReference(this, sku, _world.Checks);

    /// <param name="before">Waited for before each call.</param>
    public IProductInventory Product(string sku, Func<Task> before) => new ProductReference(this, sku, _world.Checks, before);

    /// <summary>The activation of an order is gone; the next call loads it again.</summary>
    public void Forget(string orderId)
    {
        if (_active.TryGetValue(OrderReference.IdOf(orderId), out var activation)) activation.Kill();
    }

    public ICounter Counter(string name) => new CounterReference(this, name);

    /// <summary>Ends a silo, and starts another in its place.</summary>
    public void Replace(Silo silo)
    {
        silo.Kill();
        _silos[_silos.IndexOf(silo)] = new(_world, _logs);
    }

    /// <summary>The others go on without a silo that still runs for a while; a new one takes its place.</summary>
    public void CutOff(Silo silo)
    {
        silo.CutOff();
        _silos[_silos.IndexOf(silo)] = new(_world, _logs);
        foreach (var activation in _active.Values.Where(activation => activation.Silo == silo).ToArray())
        {
            _active.Remove(activation.GrainId);
            _overtaken.Add(activation);
        }

        _world.After(_world.Dice.Between(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2)), silo.Kill);
    }

    /// <summary>Owners that nobody asked for a while leave memory; the next call loads them again.</summary>
    public void LetGo()
    {
        if (_active.Count == 0) return;
        var activation = _active.Values.ElementAt(_world.Dice.Below(_active.Count));
        activation.Deactivate(default);
    }

    /// <summary>Calls an owner as Orleans would: at most once, with or without an answer.</summary>
    public ValueTask<T> Call<TGrain, T>(GrainId id, Func<IGrainContext, Silo, IGrainBase> create, Func<TGrain, ValueTask<T>> call, Func<Task>? before = null)
        where TGrain : class => new(CallOnce(id, create, call, before));

    private async Task<T> CallOnce<TGrain, T>(GrainId id, Func<IGrainContext, Silo, IGrainBase> create, Func<TGrain, ValueTask<T>> call, Func<Task>? before)
        where TGrain : class
    {
        if (before is not null) await before();
        await _world.Delay(_world.Dice.Delay(_world.Weather.Travel));
        if (_world.Dice.Chance(_world.Weather.LostCalls / 2)) throw await Silence();
        var activation = Find(id, create);
        var answer = activation.Turns.Run(async () =>
        {
            await activation.Loaded;
            return await call((TGrain)activation.Grain);
        });

        // A dead process answers nothing, and neither does one that stands still for too long.
        if (await Task.WhenAny(answer, activation.Dead.Task, _world.Delay(Patience)) != answer) throw await Silence();
        if (activation.Loaded.IsFaulted) activation.Deactivate(default);
        if (_world.Dice.Chance(_world.Weather.LostCalls / 2)) throw await Silence();
        await _world.Delay(_world.Dice.Delay(_world.Weather.Travel));
        return await answer;
    }

    private async Task<Exception> Silence()
    {
        await _world.Delay(_world.Dice.Between(TimeSpan.Zero, Patience));
        return _world.Dice.Below(3) switch
        {
            0 => new TimeoutException("No answer came."),
            1 => new OperationCanceledException("The silo has given the call up."),
            _ => new SiloUnavailableException("The silo is gone."),
        };
    }

    private Activation Find(GrainId id, Func<IGrainContext, Silo, IGrainBase> create)
    {
        // A caller that has not heard yet, or a call that was on its way.
        if (_overtaken.Find(former => former.GrainId == id && former.Silo.IsAlive) is { } overtaken && _world.Dice.Chance(0.3)) return overtaken;
        if (_active.TryGetValue(id, out var active)) return active;
        var silo = AnySilo();
        active = new(_world.Loop, silo, id, context => create(context, silo), Forget);
        silo.Add(active);
        return _active[id] = active;
    }

    private void Forget(Activation activation)
    {
        _overtaken.Remove(activation);
        if (_active.TryGetValue(activation.GrainId, out var active) && active == activation) _active.Remove(activation.GrainId);
    }

    public IGrainBase NewOrder(IGrainContext context, Silo silo) => new OrderSaga(context, silo.Services, silo.Admission, silo.Ended, Orders);

    public static IGrainBase NewProduct(IGrainContext context, Silo silo) => new ProductInventory(context, silo.Services);

    public static IGrainBase NewCounter(IGrainContext context, Silo silo) => new Counter(context, silo.Services);
}
