using System.ComponentModel.DataAnnotations;

namespace Holdfast.Domain.Orders;

/// <summary>How long an order's steps may take.</summary>
public sealed class OrderOptions
{
    /// <summary>After it no reserve of the order is executed, and the order is cancelled.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan ReserveDeadline { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an order's lines are held.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "7.00:00:00")]
    public TimeSpan HoldTtl { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long one call to the payment gateway may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan GatewayTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a permit to charge holds. A step that stalls for longer asks again, so that "quiet" means quiet.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan ChargeSendWindow { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Beyond the gateway's timeout: how long a request that was given up may still be travelling.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan ChargeTravelTime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an unknown outcome of a charge is looked into before the order needs attention.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan ChargeGiveUpAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>A charge is not sent unless every hold outlives it by this: charge and complete must fit.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan HoldMargin { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a step is put back (overload, a store that does not answer) before the order needs attention.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan StepGiveUpAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How often it is looked for orders that nothing moves any more.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan SweepPeriod { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Beyond <see cref="StepGiveUpAfter"/>: how long nothing must have happened to an order before the sweep looks at it.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan SweepMargin { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How far behind what was swept last the next sweep begins after a start: a row that came in late has an earlier time.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan SweepLookBack { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How soon a charge that the gateway knew nothing of is looked for again; each further look waits four times as long.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan FirstLookForLateCharge { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the gateway is sure to know an idempotency key; Stripe prunes them after 24 hours.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan GatewayKeyLifetime { get; set; } = TimeSpan.FromHours(23);
}
