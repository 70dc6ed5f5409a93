using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Journal;

namespace Holdfast.Simulation;

/// <summary>What a simulated order came to.</summary>
/// <param name="Seed">Of this order alone.</param>
/// <param name="Failure">What was wrong; null for nothing.</param>
/// <param name="Status">Where it ended.</param>
/// <param name="Digest">SHA-256 of its history.</param>
public sealed record SimulatedOrder(ulong Seed, string? Failure, OrderStatus Status, byte[] Digest, string History);

/// <summary>
/// One order in a world of its own: a customer who places it, asks again and perhaps cancels; others who buy, prices that change; an operator
/// who resolves what is parked; and silos that die, stand still, are cut off or have wrong clocks. It ends when nothing is left to do.
/// </summary>
public sealed class OrderSimulation
{
    /// <summary>A world that takes more pieces than this goes round in circles.</summary>
    private const long MaxPieces = 200_000;

    /// <summary>Verbs of the operator, after which it is only compensated.</summary>
    private const int MaxVerbs = 3;

    /// <summary>In the world's time: the last look for a late charge is after 23 hours.</summary>
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(20);

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);

    private readonly World _world;
    private readonly Dice _dice;
    private readonly Caller _caller;
    private readonly Laws _laws;
    private readonly Visitors _visitors;
    private readonly Shopper _shopper;
    private readonly bool _shops;
    private readonly string _orderId;
    private readonly Operation _placing;
    private readonly Dictionary<string, long> _stock = [];
    private readonly List<OrderLine> _lines = [];
    private readonly ulong _seed;
    private readonly List<string> _waiting = [];
    private bool _isPlaced;
    private bool _cancelIsAccepted;
    private bool _hasCutOff;
    private long _newestSeen;

    private OrderSimulation(ulong seed)
    {
        _seed = seed;
        _world = new(seed);
        _dice = _world.Dice;
        _placing = new(_dice.Id(), 7);
        _orderId = PublicId.Format(PublicId.Order, _placing.Id);
        var outages = new Outages(_world, _orderId);
        (_caller, _laws) = (new(_world), new(_world, outages, _orderId));
        _visitors = new(_world, _caller);
        (_shopper, _shops) = (new(_world, _caller, _stock), _dice.Chance(0.3));
        _world.Store.OnAppend = _laws.Stored + (Action<Append>)outages.Stored;
        (_world.Delivery.Reach, _world.Gateway.OnCharge) = (outages.Reach, _laws.ChargeLeaves);
        _world.Delivery.IsExpected = Outages.IsCauseOf;
    }

    /// <summary>Runs the order of a seed, always in the same way.</summary>
    public static SimulatedOrder Run(ulong seed) => new OrderSimulation(seed).Run();

    private SimulatedOrder Run()
    {
        var people = _world.Run(async () =>
        {
            await Stock();
            await Task.WhenAll(
                As("the customer", Customer), As("others", Others), As("visitors", _visitors.Come), As("neighbours", Neighbours),
                As("disasters", Disasters), new PriceList(_world, _caller, _seed, _lines).Come(As));
            await As("the operator", Operate);
            await As("the eraser", new Eraser(_world, _caller, _orderId).Come);
            if (_shops) await As("the last shopper", _shopper.AllIsFree);
        });
        var ended = _world.Loop.Run(() => people.IsCompleted && IsQuiet, MaxPieces, _world.Loop.Now + LongestLife);
        if (people.Exception?.GetBaseException() is { } failure) _world.Checks.Fail($"somebody failed: {failure}");
        _world.Checks.That(ended, $"it goes on after {_world.Loop.Pieces} pieces, at {_world.Loop.Now:s}: {_world.Store.Outbox.Count} messages, {_world.Gateway.Travelling} payments on their way, {string.Join(' ', _waiting)} wait");
        _world.Checks.That(people.IsCompleted, "nothing is left to do, and somebody still waits");
        if (_world.Checks.Failure is null) Check();
        var order = _world.Checks.Replay(OrderKind.Instance, _orderId);
        return new(_seed, _world.Checks.Failure, order.Status, _world.History.Digest(), _world.History.ToString());
    }

    private Task As(string who, Func<Task> act) => _world.Run(async () =>
    {
        _waiting.Add(who);
        await act();
        _waiting.Remove(who);
    });

    private bool IsQuiet => _world.Store.Outbox.Count == 0 && _world.Gateway.Travelling == 0;

    private void Check()
    {
        _world.Checks.OrderHasEnded(_orderId, _stock);
        _laws.HoldAtTheEnd();
        _visitors.AreCounted();
        var status = _world.Checks.Replay(OrderKind.Instance, _orderId).Status;
        _world.Checks.That(!_cancelIsAccepted || status == OrderStatus.Cancelled, $"its cancel was accepted, and it is {status}");
    }

    private async Task Stock()
    {
        for (var (i, products) = (1, 1 + _dice.Below(3)); i <= products; i++)
        {
            var sku = $"sku-{i}";
            await UntilAnswered(operation => _world.Cluster.Product(sku).PutDetails(new(operation, "Tea", Price(), null, false)));
            _stock[sku] = 0;
            await Adjust(sku, _dice.Below(6));
            _lines.Add(new(sku, 1 + _dice.Below(3), null));
        }
    }

    private async Task Customer()
    {
        await _world.Delay(_dice.Delay(Moment));
        var placing = new PlaceOrder(_placing, "customer-1", [.. _lines], "tok_ok");
        var placed = await UntilAnswered(_ => _world.Cluster.Order(_orderId).Place(placing), _placing);
        _isPlaced = placed?.Status == PlaceOrderStatus.Placed;
        if (placed?.Order is { } order) Saw(order);
        if (_isPlaced) _world.Checks.That(_world.Store.VersionOf($"order/{_orderId}") > 0, "an order was answered as placed before it was stored");
        if (_dice.Chance(0.3)) await Cancel();
        for (var looks = _dice.Below(4); looks > 0; looks--)
        {
            await _world.Delay(_dice.Delay(TimeSpan.FromMilliseconds(200)));
            await Look();
        }
    }

    private async Task Cancel()
    {
        await _world.Delay(_dice.Delay(TimeSpan.FromMilliseconds(200)));
        var cancelled = await UntilAnswered(operation => _world.Cluster.Order(_orderId).Cancel(operation));
        if (cancelled?.Order is { } order) Saw(order);
        _cancelIsAccepted = cancelled?.Status == OrderVerbStatus.Accepted;
    }

    /// <summary>
    /// Whoever has seen something of an order does not see less of it later. While silos come and go a read that is not asked to be strong
    /// can: the key may have two owners for a while.
    /// </summary>
    private async Task Look()
    {
        var (seen, isStrong) = (_newestSeen, _dice.Chance(0.5));
        if (isStrong)
        {
            await ReadStrong();
            return;
        }

        if (await UntilAnswered(_ => _world.Cluster.Order(_orderId).Read(ReadConsistency.Default)) is not { } order) return;

        // What a silo acknowledges that was cut off and has not heard of it, memory elsewhere does not know.
        _world.Checks.That(_hasCutOff || order.Version >= seen, $"a read saw version {order.Version} after {seen} had been seen");
        Saw(order);
    }

    private async Task<Order?> ReadStrong()
    {
        var stored = _world.Store.VersionOf($"order/{_orderId}");
        var order = await UntilAnswered(_ => _world.Cluster.Order(_orderId).Read(ReadConsistency.Strong));
        _world.Checks.That((order?.Version ?? 0) >= stored, $"a strong read saw version {order?.Version} when {stored} had been stored before it");
        if (order is not null) Saw(order);
        return order;
    }

    private void Saw(Order order)
    {
        _world.Checks.That(
            order.Version <= _world.Store.VersionOf($"order/{_orderId}"), $"version {order.Version} of the order was answered before it was stored");
        if (_world.Store.Rows($"order/{_orderId}") is [var first, ..])
        {
            _world.Checks.That(order.PlacedAt == first.RecordedAt, $"the order says that it was placed at {order.PlacedAt:s}, and was at {first.RecordedAt:s}");
        }

        _newestSeen = Math.Max(_newestSeen, order.Version);
    }

    /// <summary>Others who have nothing to do with the order but that they are served by the same silos.</summary>
    private async Task Neighbours()
    {
        if (_dice.Chance(0.05)) await new Person(_world, _caller, () => _hasCutOff).Live();
        if (!_shops) return;
        await Task.WhenAll(Enumerable.Range(0, 1 + _dice.Below(3)).Select(async _ =>
        {
            await _world.Delay(_dice.Delay(Moment));
            await _shopper.Shop(_dice.Of(_lines).Sku);
        }));
    }

    private async Task Others()
    {
        for (var acts = _dice.Below(4); acts > 0; acts--)
        {
            await _world.Delay(_dice.Delay(TimeSpan.FromMilliseconds(100)));
            var sku = _dice.Of(_lines).Sku;
            if (_dice.Chance(0.3)) await UntilAnswered(operation => _world.Cluster.Product(sku).PutDetails(new(operation, "Tea", Price(), null, false)));
            else await Adjust(sku, _dice.Below(4) - 2);
        }
    }

    private async Task Adjust(string sku, int delta)
    {
        if (delta == 0) return;
        var outcome = await UntilAnswered(operation => _world.Cluster.Product(sku).Adjust(new(operation, delta, "received", null)));
        if (outcome?.Status == AdjustStatus.Adjusted) _stock[sku] += delta;
    }

    /// <summary>What happens to silos, until everything calms down.</summary>
    private async Task Disasters()
    {
        for (var moments = 20; moments > 0; moments--)
        {
            await _world.Delay(_dice.Delay(TimeSpan.FromMilliseconds(500)));
            if (_dice.Chance(_world.Weather.Disasters)) Strike(_world.Cluster.AnySilo());
        }

        _world.CalmDown();
    }

    private void Strike(Silo silo)
    {
        var disaster = _dice.Below(5);
        _world.History.Note($"disaster {disaster}");
        _laws.TimeIsDisturbed |= disaster is 2 or 3;
        switch (disaster)
        {
            case 0:
                _world.Cluster.Replace(silo);
                break;
            case 1:
                _hasCutOff = true;
                _world.Cluster.CutOff(silo);
                break;
            case 2:
                silo.Pause();
                _world.After(_dice.Between(TimeSpan.Zero, TimeSpan.FromMinutes(1)), silo.Resume);
                break;
            case 3:
                silo.Clock.Ahead = _dice.Between(TimeSpan.FromMinutes(-10), TimeSpan.FromMinutes(10));
                break;
            default:
                _world.Cluster.LetGo();
                break;
        }
    }

    /// <summary>Somebody looks after the order until it has ended, and resolves it whenever it is parked.</summary>
    private async Task Operate()
    {
        var (verbs, pause) = (0, TimeSpan.FromSeconds(10));
        while (await ReadStrong() is { Ended: false } order)
        {
            if (order.Status == OrderStatus.NeedsAttention)
            {
                if (verbs == 0 && _dice.Chance(0.2)) await LeaveForDays();
                var verb = verbs++ < MaxVerbs ? (OperatorVerb)_dice.Below(3) : OperatorVerb.Compensate;
                await Resolve(verb);
            }

            await _world.Delay(pause);
            pause = pause < TimeSpan.FromHours(1) ? pause * 1.5 : pause;
        }
    }

    private async Task Resolve(OperatorVerb verb)
    {
        var operation = new Operation(_dice.Id(), 1);
        var resolved = await UntilAnswered(same => _world.Cluster.Order(_orderId).Resolve(verb, same), operation);
        _world.Checks.That(
            _hasCutOff || verb == OperatorVerb.Complete || resolved?.Status == OrderVerbStatus.Accepted,
            $"{verb} of a parked order, which nobody else touches, was answered {resolved?.Status}");
        if (resolved?.Status != OrderVerbStatus.Accepted || _dice.Chance(0.5)) return;
        var again = await UntilAnswered(same => _world.Cluster.Order(_orderId).Resolve(verb, same), operation);
        _world.Checks.That(_hasCutOff || again?.Status == OrderVerbStatus.Accepted, $"{verb} was accepted, and its repeat was answered {again?.Status}");
    }

    /// <summary>Nobody looks for so long that products forget what they have answered, as soon as they have anything else to record.</summary>
    private async Task LeaveForDays()
    {
        await _world.Delay(_dice.Between(TimeSpan.FromDays(1), TimeSpan.FromDays(3)));
        foreach (var sku in _stock.Keys.ToArray())
        {
            // What had been held has long been free, and others have taken it.
            var level = _dice.Chance(0.5) ? await UntilAnswered(_ => _world.Cluster.Product(sku).ReadStock(ReadConsistency.Strong)) : null;
            await Adjust(sku, level is { Available: > 0 and var all } ? (int)-all : 1);
        }
    }

    private Task<T?> UntilAnswered<T>(Func<Operation, ValueTask<T>> ask, Operation? same = null) => _caller.UntilAnswered(ask, same);

    private Money Price() => new(_dice.Chance(0.05) ? 0 : 100 * (1 + _dice.Below(3)), _dice.Chance(0.03) ? "USD" : "EUR");
}
