using Holdfast.Grains.Hosting;
using Holdfast.Outbox.Lanes;
using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Orders;

/// <summary>
/// Whether this silo begins another order. What is accepted has to end, in time, so no more is accepted than the silo's lanes can carry:
/// by how long an order's steps would wait in them. Near the bound the share that is accepted falls to nothing, so that as many come in
/// as end, and not all for a moment and then none.
/// </summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="backlog">What waits in this silo's lanes of a class.</param>
public sealed class OrderAdmission(Func<LaneClass, LaneBacklog> backlog, MemoryPressure memory, IOptions<OutboxOptions> options, TimeProvider clock)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    /// <summary>Refunds are not here: however long they wait for their gateway, an order that is refused does not make it shorter.</summary>
    private readonly (LaneClass LaneClass, TimeSpan Bound, QueueDelay Delay)[] _lanes =
    [
        (LaneClass.Step, options.Value.MaxQueueDelay, new()),
        (LaneClass.Finish, options.Value.MaxQueueDelay, new()),
        (LaneClass.Payment, options.Value.MaxPaymentDelay, new()),
    ];

    private readonly Lock _lock = new();
    private DateTimeOffset _lookedAt;
    private double _share = 1;
    private double _credit;

    public OrderAdmission(OutboxLanes lanes, MemoryPressure memory, IOptions<OutboxOptions> options, TimeProvider clock)
        : this(lanes.BacklogOf, memory, options, clock)
    {
    }

    /// <summary>False when the order must be refused, and nothing be done for it.</summary>
    public bool TryAdmit()
    {
        if (memory.IsShort) return false;
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            if ((now - _lookedAt).Duration() >= Period)
            {
                _lookedAt = now;
                _share = _lanes.Min(each => Share(each.Delay.Update(backlog(each.LaneClass), now), each.Bound));
            }

            // Of ten, three at a share of 0.3, one after each third.
            _credit = Math.Min(_credit + _share, 1);
            if (_credit < 1) return false;
            _credit -= 1;
            return true;
        }
    }

    /// <summary>All up to half the bound, none from the bound on.</summary>
    private static double Share(TimeSpan delay, TimeSpan bound) => Math.Clamp(2 * (bound - delay) / bound, 0, 1);
}
