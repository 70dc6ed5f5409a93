namespace Holdfast.Domain.Orders;

/// <summary>How long an order's steps may take.</summary>
public sealed class OrderOptions
{
    /// <summary>After it no reserve of the order is executed, and the order is cancelled.</summary>
    public TimeSpan ReserveDeadline { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an order's lines are held.</summary>
    public TimeSpan HoldTtl { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long one call to the payment gateway may take.</summary>
    public TimeSpan GatewayTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a permit to charge holds. A step that stalls for longer asks again, so that "quiet" means quiet.</summary>
    public TimeSpan ChargeSendWindow { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Beyond the gateway's timeout: how long a request that was given up may still be travelling.</summary>
    public TimeSpan ChargeTravelTime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an unknown outcome of a charge is looked into before the order needs attention.</summary>
    public TimeSpan ChargeGiveUpAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>A charge is not sent unless every hold outlives it by this: charge and complete must fit.</summary>
    public TimeSpan HoldMargin { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a step is put back (overload, a store that does not answer) before the order needs attention.</summary>
    public TimeSpan StepGiveUpAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How often it is looked for orders that nothing moves any more.</summary>
    public TimeSpan SweepPeriod { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Beyond <see cref="StepGiveUpAfter"/>: how long nothing must have happened to an order before the sweep looks at it.</summary>
    public TimeSpan SweepMargin { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How far behind what was swept last the next sweep begins after a start: a row that came in late has an earlier time.</summary>
    public TimeSpan SweepLookBack { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How soon a charge that the gateway knew nothing of is looked for again; each further look waits four times as long.</summary>
    public TimeSpan FirstLookForLateCharge { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the gateway is sure to know an idempotency key; Stripe prunes them after 24 hours.</summary>
    public TimeSpan GatewayKeyLifetime { get; set; } = TimeSpan.FromHours(23);
}
