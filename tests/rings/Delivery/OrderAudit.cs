using System.Text.Json;
using Holdfast.Contracts;
using Holdfast.Contracts.Orders;
using static System.FormattableString;

namespace Holdfast.Rings.Delivery;

/// <summary>What must be true of one order once everything is still, read from what is stored.</summary>
internal sealed class OrderAudit(OrderRun run, IReadOnlyList<StoredEvent> events, Action<string> wrong)
{
    /// <summary>Minor units a unit, of every product of the ring at first.</summary>
    public const long Price = 250;

    private static readonly string[] PossibleReasons =
    [
        OrderReason.InsufficientStock, OrderReason.ReserveTimeout, OrderReason.PaymentDeclined, OrderReason.PaymentTimeout,
        OrderReason.PaymentUnknown, OrderReason.PaymentLate, OrderReason.HoldExpired, OrderReason.CancelledByCustomer,
        OrderReason.CompensatedByOperator,
    ];

    private readonly OrderStatus[] _statuses = Statuses(events);

    public bool IsCompleted => events.Any(stored => stored.Type == "order.completed");

    /// <summary>Why it was cancelled; null when it was not.</summary>
    public string? CancelReason =>
        IsCompleted ? null : events.LastOrDefault(stored => stored.Type == "order.cancelling").Body is { ValueKind: JsonValueKind.Object } last
            ? last.GetProperty("reason").GetString()
            : null;

    public void CheckEvents()
    {
        var ends = events.Where(stored => stored.Type is "order.completed" or "order.cancelled").ToArray();
        if (ends.Length != 1)
        {
            wrong($"has {ends.Length} terminal events");
            return;
        }

        foreach (var after in events.Skip((int)ends[0].Version).Where(after => !after.Type.StartsWith("payment.", StringComparison.Ordinal)))
        {
            wrong($"goes on after its end: {after}");
        }

        if (CancelReason is { } reason && !PossibleReasons.Contains(reason)) wrong($"was cancelled for an impossible reason: {reason}");
        if (run.CancelAccepted && IsCompleted && !run.CompletedByOperator) wrong("was completed although its cancel was accepted");
    }

    /// <param name="captures">How many the gateway made.</param>
    /// <param name="kept">Minor units captured and not given back.</param>
    public void CheckMoney(int captures, long kept)
    {
        var reserved = events.LastOrDefault(stored => stored.Type == "order.reserved").Body;
        var total = reserved is { ValueKind: JsonValueKind.Object } ? CheckTotal(reserved) : 0;
        if (captures > 1) wrong($"was captured {captures} times");
        if (kept != (IsCompleted ? total : 0)) wrong($"kept {kept} of its total of {total}");
    }

    private long CheckTotal(JsonElement reserved)
    {
        var total = reserved.GetProperty("total").GetInt64();
        var sum = run.Plan.Lines.Zip(reserved.GetProperty("prices").EnumerateArray(), static (line, price) => line.Quantity * price.GetInt64()).Sum();
        if (total != sum) wrong($"costs {total}, and its lines {sum}");
        return total;
    }

    /// <param name="products">The books of each product, by its number.</param>
    public void CheckLines(IReadOnlyList<StockAudit> products)
    {
        var attempts = events.Where(stored => stored.Type == "order.reserving").Select(stored => stored.Body.GetProperty("attempt").GetInt32()).ToArray();
        foreach (var (product, quantity) in run.Plan.Lines)
        {
            foreach (var attempt in attempts)
            {
                var id = PublicId.Derive("reservation", run.Id, $"p{product}", Invariant($"{attempt}"));
                var known = products[product].Lines.TryGetValue(id, out var line);
                var sold = IsCompleted && attempt == attempts[^1];
                var expected = sold ? (LineEnd.Sold, quantity) : (LineEnd.GivenBack, 0L);
                if (!known || line != expected) wrong($"p{product}, attempt {attempt}, should be {expected} but is {(known ? line : "unknown")}");
            }
        }
    }

    /// <summary>Whatever a client was told must be what is stored at the version that it was told.</summary>
    public void CheckTold()
    {
        foreach (var told in run.Told)
        {
            if (told.Version < 1 || told.Version > _statuses.Length) wrong($"was told by {told.By} at version {told.Version}, which is not stored");
            else if (_statuses[told.Version - 1] != told.Status) wrong($"{told} but was {_statuses[told.Version - 1]}");
        }
    }

    private static OrderStatus[] Statuses(IReadOnlyList<StoredEvent> events)
    {
        var statuses = new OrderStatus[events.Count];
        var status = OrderStatus.Placed;
        for (var i = 0; i < events.Count; i++)
        {
            status = events[i].Type switch
            {
                "order.reserving" => OrderStatus.Reserving,
                "order.charging" => OrderStatus.Charging,
                "order.completing" => OrderStatus.Completing,
                "order.completed" => OrderStatus.Completed,
                "order.cancelling" => OrderStatus.Cancelling,
                "order.cancelled" => OrderStatus.Cancelled,
                "order.parked" => OrderStatus.NeedsAttention,
                _ => status,
            };
            statuses[i] = status;
        }

        return statuses;
    }
}
