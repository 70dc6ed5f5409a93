using System.Text;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Counters;
using Holdfast.Domain.Inventory;
using Holdfast.Domain.Orders;
using Holdfast.Domain.Owner;

namespace Holdfast.Simulation;

/// <summary>What must be true of a world, while it runs and at its end. The first thing that is not is kept.</summary>
internal sealed class Checks(World world)
{
    /// <summary>What was wrong; null so far for nothing.</summary>
    public string? Failure { get; private set; }

    public void Fail(string what)
    {
        if (Failure is not null) return;
        Failure = what;
        world.History.Note($"FAILED {what}");
    }

    public void That(bool holds, string what)
    {
        if (!holds) Fail(what);
    }

    /// <summary>An answer says that it happened: it has to be durable by now.</summary>
    public void IsStored(string stream, string type, Guid id) => That(
        world.Store.Rows(stream).Any(row => Encoding.UTF8.GetString(row.Events.Span) is var text
            && text.Contains(type, StringComparison.Ordinal) && text.Contains(id.ToString(), StringComparison.Ordinal)),
        $"{stream} has answered {type} of {id}, which is not stored");

    /// <summary>The state that the journal says, whoever is in memory.</summary>
    public TState Replay<TState, TEvent>(OwnerKind<TState, TEvent> kind, string key)
        where TState : class, IOwnerState<TEvent>
        where TEvent : class
    {
        var state = kind.NewState(key);
        foreach (var row in world.Store.Rows($"{kind.Name}/{key}"))
        {
            kind.Replay(state, row.Events.Span, row.FirstVersion, row.RecordedAt);
        }

        return state;
    }

    /// <summary>Nothing is left to do for the order: money and goods agree with where it is, and nothing of it is anywhere else.</summary>
    /// <param name="stock">Units that each product had, with what others took and gave.</param>
    public void OrderHasEnded(string orderId, IReadOnlyDictionary<string, long> stock)
    {
        var order = Replay(OrderKind.Instance, orderId);
        var kept = world.Gateway.Kept;
        var where = $"{order.Status} of {order.Total?.Amount}, {order.Payment}, kept {kept}";
        That(world.Store.Outbox.Count == 0, $"messages are left: {where}");
        if (!order.Exists)
        {
            That(kept == 0, $"an order that was never placed was paid: {where}");
            return;
        }

        That(order.Ended, $"nothing moves it and it has not ended: {where}");
        That(!world.Store.HasSecret($"order/{orderId}"), $"its payment token is still there: {where}");
        That(world.Gateway.Captures <= 1, $"it was charged {world.Gateway.Captures} times: {where}");
        That(kept == (order.Status == OrderStatus.Completed ? order.Total!.Value.Amount : 0), $"money and goods do not agree: {where}");
        foreach (var (sku, units) in stock) ProductAgrees(order, sku, units, where);
    }

    public void CounterIs(string name, Int128 least, Int128 most)
    {
        var value = Replay(CounterKind.Instance, name).Value;
        That(value >= least && value <= most, $"the counter is {value}, and increments by {least} to {most} were answered or asked for");
    }

    private void ProductAgrees(OrderState order, string sku, long units, string where)
    {
        var product = Replay(StockKind.Instance, sku);
        product.Check();
        var sold = order.Status == OrderStatus.Completed ? order.Lines.Where(line => line.Sku == sku).Sum(static line => line.Quantity) : 0;
        That(product.OnHand == units - sold, $"{sku} has {product.OnHand} of {units} units on hand and {sold} were sold: {where}");
        foreach (var attempt in order.ReserveAttempts)
        {
            foreach (var line in order.Lines.Where(line => line.Sku == sku))
            {
                var held = product.Holds.ContainsKey(order.ReservationOf(line, attempt));
                That(!held, $"{sku} is still held for attempt {attempt}: {where}");
            }
        }
    }
}
