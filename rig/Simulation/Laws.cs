using System.Text.Json;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Inventory;
using Holdfast.Domain.Orders;
using Holdfast.Domain.Owner;
using Holdfast.Journal;

namespace Holdfast.Simulation;

/// <summary>What the histories of a world must say, whoever is in memory: of an order as each append of it is stored, of all at the end.</summary>
internal sealed class Laws(World world, Outages outages, string orderId)
{
    private readonly OrderState _order = new(orderId);
    private string? _attention;
    private DateTimeOffset? _chargeLeft;

    /// <summary>A silo has stood still, or its clock is wrong: then a charge can leave later than it may.</summary>
    public bool TimeIsDisturbed { get; set; }

    private string Stream => $"order/{orderId}";

    /// <summary>A charge leaves only while the order does not say that none is on its way.</summary>
    public void ChargeLeaves()
    {
        _chargeLeft = world.Loop.Now;
        Check(TimeIsDisturbed || !_order.NeverCharged, "a charge left after it was said that none is on its way");
    }

    /// <summary>The rows beside the order say what its history says.</summary>
    public void Stored(Append append)
    {
        if (append.Stream != Stream) return;
        var version = append.FirstVersion;
        foreach (var @event in Events(OrderKind.Instance, append.Events))
        {
            var sums = @event is OrderEvent.Erased ? Sums(_order) : null;
            _order.Apply(@event, version, append.RecordedAt);
            if (sums is not null) KeepsSums(sums, @event, version, append.RecordedAt);
            version++;
            if (@event is OrderEvent.PaymentNeverMade) IsQuiet();
            if (@event is OrderEvent.Parked { Step: StepType.Complete, Reason: OrderReason.StepFailed }) OthersAreSold();
        }

        if (append.Beside?.Attention is { } change) _attention = change.Reason;
        var due = _order.Status == OrderStatus.NeedsAttention ? _order.Reason
            : _order is { RefundIsDue: true, RefundFailure: not null } ? OrderReason.RefundFailing
            : null;
        Check(_attention == due, $"it needs attention for '{due}' and asks for it for '{_attention}'");
        var mayCharge = _order.Status is OrderStatus.Placed or OrderStatus.Reserving
            || _order is { Status: OrderStatus.Charging, Payment: PaymentStatus.Pending };
        Check(!mayCharge || world.Store.HasSecret(Stream), $"it is {_order.Status} and its payment token is gone");
    }

    public void HoldAtTheEnd()
    {
        foreach (var stream in world.Store.Streams) TimeGoesOn(stream);
        foreach (var stream in world.Store.Streams.Where(static stream => stream.StartsWith("product/", StringComparison.Ordinal)))
            CostsWhatHeldThen(stream);
        var history = world.Store.Rows(Stream).SelectMany(static row => Events(OrderKind.Instance, row.Events).Select(@event => (row.RecordedAt, @event))).ToList();
        Check(history.Count(static entry => entry.@event is OrderEvent.PaymentCaptured) <= 1, "it records more than one capture");
        Check(history.Count(static entry => entry.@event is OrderEvent.Completed or OrderEvent.Cancelled) <= 1, "it ends more than once");
        var attempt = 0;
        foreach (var (_, @event) in history)
        {
            if (@event is OrderEvent.ReservingStarted started) attempt = started.Attempt;
            if (@event is OrderEvent.LinesReserved reserved) CostsWhatWasHeld(reserved, attempt);
        }

        if (!TimeIsDisturbed) GatewayHasItsTime(history);
    }

    /// <summary>An erased order has the sums that it had, also to those who know no more than its tombstone.</summary>
    private void KeepsSums(string sums, OrderEvent tombstone, long version, DateTimeOffset at)
    {
        var survivor = new OrderState(orderId);
        survivor.Apply(tombstone, version, at);
        Check(sums == Sums(_order) && sums == Sums(survivor), "its sums are other ones since it was erased");
        Check(_order is { Ended: true, RefundIsDue: false, NeverCharged: false }, "it was erased while something could still come to it");
    }

    private static string Sums(OrderState order)
    {
        var view = order.View();
        return JsonSerializer.Serialize(view with
        {
            CustomerId = "",
            Reference = null,
            Metadata = [],
            Detail = null,
            UpdatedAt = default,
            Version = 0,
            ErasedAt = null,
        });
    }

    /// <summary>The last charge that left is known to the gateway by now, or never will be as far as anybody waits.</summary>
    private void IsQuiet()
    {
        var options = world.Cluster.Orders.Value;
        Check(
            TimeIsDisturbed || _chargeLeft is not { } left || world.Loop.Now - left >= options.GatewayTimeout + options.ChargeTravelTime,
            "it was said that no charge is on its way when one had just left");
    }

    /// <summary>One line that fails by itself keeps no other from being sold.</summary>
    private void OthersAreSold()
    {
        foreach (var line in _order.Lines.Where(line => line.Sku != outages.Sku))
        {
            var product = world.Checks.Replay(StockKind.Instance, line.Sku);
            Check(
                !outages.IsBroken || !product.Holds.ContainsKey(_order.ReservationOf(line, _order.ReserveAttempts[^1])),
                $"{line.Sku} is not sold because {outages.Sku} is broken");
        }
    }

    private void TimeGoesOn(string stream)
    {
        var last = DateTimeOffset.MinValue;
        foreach (var row in world.Store.Rows(stream))
        {
            world.Checks.That(row.RecordedAt >= last, $"the time of {stream} goes back at version {row.FirstVersion}");
            last = row.RecordedAt;
        }
    }

    /// <summary>The prices are those at which the products held the lines, all in one currency, and the total is their sum.</summary>
    private void CostsWhatWasHeld(OrderEvent.LinesReserved reserved, int attempt)
    {
        var sum = _order.Lines.Zip(reserved.Prices, static (line, price) => line.Quantity * price).Sum();
        Check(sum == reserved.Total, $"its lines cost {sum}, and its total is {reserved.Total}");
        foreach (var (line, price) in _order.Lines.Zip(reserved.Prices))
        {
            var id = _order.ReservationOf(line, attempt);
            var held = world.Store.Rows($"product/{line.Sku}").SelectMany(static row => Events(StockKind.Instance, row.Events))
                .OfType<StockEvent.Reserved>().FirstOrDefault(hold => hold.Id == id);
            Check(
                held is not null && held.Amount == price && held.Currency == reserved.Currency,
                $"{line.Sku} was held for {held?.Amount} {held?.Currency}, and is to cost {price} {reserved.Currency}");
        }
    }

    /// <summary>
    /// Each hold costs what was the price at its recorded time, for who reads the rows one after the other; and nobody changes what was
    /// the price before.
    /// </summary>
    private void CostsWhatHeldThen(string stream)
    {
        var (unitPrice, periods) = (0L, Array.Empty<ScheduledPrice>());
        foreach (var row in world.Store.Rows(stream))
        {
            var at = row.RecordedAt.ToUnixTimeMilliseconds();
            var running = periods.Where(period => period.From <= at && at < (period.To ?? long.MaxValue)).ToArray();
            foreach (var @event in Events(StockKind.Instance, row.Events))
            {
                if (@event is StockEvent.DetailsPut details) unitPrice = details.Amount;
                if (@event is StockEvent.PricesPut put)
                {
                    var begun = put.Prices.Where(period => period.From < at);
                    world.Checks.That(
                        begun.All(period => running.Any(before => before.From == period.From && before.Amount == period.Amount)),
                        $"{stream} changes at {at} what it cost before: {string.Join<ScheduledPrice>(' ', put.Prices)}");
                    periods = put.Prices;
                    running = [.. periods.Where(period => period.From <= at && at < (period.To ?? long.MaxValue))];
                }

                if (@event is not StockEvent.Reserved hold) continue;
                var valid = running is [var only] ? only.Amount : unitPrice;
                world.Checks.That(hold.Amount == valid, $"{stream} was held for {hold.Amount} at {at}, when it cost {valid}");
            }
        }
    }

    /// <summary>What the gateway is asked for since a certain time is not given up sooner than it may take.</summary>
    private void GatewayHasItsTime(List<(DateTimeOffset RecordedAt, OrderEvent Event)> history)
    {
        DateTimeOffset? since = null;
        foreach (var (at, @event) in history)
        {
            since = @event is OrderEvent.SettlingStarted or OrderEvent.ChargingStarted ? at : @event is OrderEvent.PaymentNeverMade ? null : since;
            if (@event is not OrderEvent.Parked { Step: StepType.Charge, Reason: OrderReason.PaymentUnknown } || since is not { } started) continue;
            var least = world.Cluster.Orders.Value.ChargeGiveUpAfter;
            Check(at - started >= least - TimeSpan.FromMilliseconds(1), $"its charge was given up after {at - started}, and may take {least}");
        }
    }

    private void Check(bool holds, string what) => world.Checks.That(holds, $"the order's history: {what}");

    private static TEvent[] Events<TState, TEvent>(OwnerKind<TState, TEvent> kind, ReadOnlyMemory<byte> events)
        where TState : class, IOwnerState<TEvent>
        where TEvent : class => JsonSerializer.Deserialize(events.Span, kind.Events)!;
}
