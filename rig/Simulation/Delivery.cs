using System.Text.Json;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Orders;
using Holdfast.Domain.Orders.Steps;
using Holdfast.Journal;

namespace Holdfast.Simulation;

/// <summary>
/// Delivers what is in the outbox: at least once, in any order, sometimes twice at once, and again when its end was not heard of. The
/// handlers are the product's steps, each on some silo.
/// </summary>
internal sealed class Delivery
{
    /// <summary>Failures after which a step is given up.</summary>
    private const int MaxAttempts = 5;

    private static readonly TimeSpan Travel = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Backoff = TimeSpan.FromMilliseconds(200);

    /// <summary>After it the outbox is read again, and what nobody has finished is delivered once more.</summary>
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(3);

    private static readonly Dictionary<string, OrderStep> Steps = OrderStep.All.ToDictionary(static step => step.Type);

    private readonly World _world;

    /// <summary>How steps find a product.</summary>
    public Func<string, IProductInventory> Reach { get; set; }

    /// <summary>Whether a step may fail in this way; by itself none does.</summary>
    public Predicate<Exception> IsExpected { get; set; } = static _ => false;

    public Delivery(World world)
    {
        (_world, Reach) = (world, world.Cluster.Product);
        world.Store.OnMessage = message => _ = world.Run(() => Deliver(message));
    }

    private async Task Deliver(OutboxMessage message)
    {
        var (due, attempts) = (message.DueAt - _world.Loop.Now, 0);
        while (_world.Store.Outbox.ContainsKey(message.Id))
        {
            await _world.Delay((due > TimeSpan.Zero ? due : TimeSpan.Zero) + _world.Dice.Delay(Travel));
            if (Chance()) _ = Run(message, attempts);
            (due, attempts) = await Run(message, attempts);
        }
    }

    /// <summary>When it is to be delivered again, and how often it has failed by then.</summary>
    private async Task<(TimeSpan Due, int Attempts)> Run(OutboxMessage message, int attempts)
    {
        var silo = _world.Cluster.AnySilo();
        var turns = new Turns(_world.Loop);
        var handled = turns.Run(() => Handle(silo, message, attempts));
        silo.Runs(turns);
        if (await Task.WhenAny(handled, silo.Gone) != handled) return (Sweep, attempts);
        silo.HasRun(turns);
        var (isDone, due) = await handled;
        if (!isDone) return (due, attempts + (due == Backoff ? 1 : 0));

        // The change of the row may be lost, with the process or with the store.
        if (Chance()) return (Sweep, attempts);
        _world.Store.Outbox.Remove(message.Id);
        return default;
    }

    private async Task<(bool IsDone, TimeSpan Due)> Handle(Silo silo, OutboxMessage message, int attempts)
    {
        var step = Steps[message.Type];
        var body = JsonSerializer.Deserialize(message.Body.Span, OrderJson.Default.StepMessage)!;
        var ports = new OrderPorts(
            _world.Cluster.Steps, Reach, _world.Gateway, _world.Cluster.Orders.Value, silo.Clock, static (_, _, _) => { });
        try
        {
            if (attempts >= MaxAttempts) await step.Fail(ports, body, "It failed too often.", CancellationToken.None);
            else await step.Handle(ports, body, message.CreatedAt, CancellationToken.None);
            return (true, default);
        }
        catch (StepPutBackException putBack)
        {
            return (false, putBack.After ?? Sweep);
        }
        catch (Exception exception) when (NoAnswer.IsOrGivenUp(exception, CancellationToken.None))
        {
            return (false, Sweep);
        }
#pragma warning disable CA1031 // A failure of the step itself, which is counted.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!IsExpected(exception)) _world.Checks.Fail($"{message.Type} failed by itself: {exception}");
            return (false, Backoff);
        }
    }

    private bool Chance() => _world.Dice.Chance(_world.Weather.RepeatedMessages / 4);
}
