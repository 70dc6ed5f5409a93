using Microsoft.Extensions.Logging;

namespace Holdfast.Simulation;

/// <summary>
/// One order with its products, silos, store, outbox and payment gateway, on one thread and in a time of its own. The owners, their hosts and
/// the steps are those of the product; what is around them is simulated, and goes wrong as the dice have it.
/// </summary>
internal sealed class World : ILoggerFactory, ILogger
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Turns _outside;

    /// <param name="seed">Decides everything.</param>
    /// <param name="weather">Null for one that the seed decides, too.</param>
    public World(ulong seed, Weather? weather = null)
    {
        Dice = new(seed);
        Weather = weather ?? Weather.Of(Dice);
        Loop = new(Dice, Start);
        _outside = new(Loop);
        Clock = new(Loop, _outside);
        History = new(() => Loop.Now);
        Store = new(History);
        Writer = new(this);
        Checks = new(this);
        Gateway = new(this);
        Cluster = new(this, this);
        Delivery = new(this);
    }

    public Dice Dice { get; }

    public Weather Weather { get; private set; }

    public Loop Loop { get; }

    /// <summary>The clock of those who are outside of the cluster; it is right.</summary>
    public MachineClock Clock { get; }

    public History History { get; }

    public SimulatedStore Store { get; }

    public Writer Writer { get; }

    public Checks Checks { get; }

    public SimulatedGateway Gateway { get; }

    public Cluster Cluster { get; }

    public Delivery Delivery { get; }

    /// <summary>From now on all goes well.</summary>
    public void CalmDown() => Weather = new();

    /// <summary>Runs something outside of the cluster.</summary>
    public Task Run(Func<Task> work) => _outside.Run(work);

    public Task Delay(TimeSpan time, CancellationToken cancellationToken = default) => Task.Delay(time, Clock, cancellationToken);

    public void After(TimeSpan time, Action act) => Clock.CreateTimer(static act => ((Action)act!)(), act, time, Timeout.InfiniteTimeSpan);

    ILogger ILoggerFactory.CreateLogger(string categoryName) => this;

    void ILoggerFactory.AddProvider(ILoggerProvider provider)
    {
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    /// <summary>What owners log at this level is a fault of the product.</summary>
    bool ILogger.IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Error) Checks.Fail($"logged: {formatter(state, exception)} {exception?.Message}");
    }

    void IDisposable.Dispose()
    {
    }
}
