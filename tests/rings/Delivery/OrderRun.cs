using System.Collections.Concurrent;
using Holdfast.Contracts;
using Holdfast.Contracts.Orders;

namespace Holdfast.Rings.Delivery;

/// <summary>What a client was told of an order.</summary>
internal readonly record struct Told(string By, long Version, OrderStatus Status);

/// <summary>One run of the ring: an order with its plan, and what its clients have been told.</summary>
internal sealed class OrderRun(int number, ulong seed, DeliveryPlan plan)
{
    private readonly ConcurrentDictionary<string, int> _delivered = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _parked;

    public int Number => number;

    public ulong Seed => seed;

    public DeliveryPlan Plan => plan;

    /// <summary>Derived, so that a replay has the same lanes.</summary>
    public string Id { get; } = PublicId.Format(PublicId.Order, PublicId.Derive("delivery ring", $"{seed}"));

    public string Stream => $"order/{Id}";

    /// <summary>Completes when an event that ends the order is durable.</summary>
    public Task Ended => _ended.Task;

    public ConcurrentQueue<Told> Told { get; } = [];

    /// <summary>Deliveries and calls that nobody waits for.</summary>
    public ConcurrentQueue<Task> Stragglers { get; } = [];

    /// <summary>What must not have happened, in words.</summary>
    public ConcurrentQueue<string> Wrong { get; } = [];

    public volatile bool CancelAccepted;

    public volatile bool CompletedByOperator;

    /// <summary>From now on every delivery is fair: the operator has mended what was broken.</summary>
    public volatile bool Mended;

    public void SetEnded() => _ended.TrySetResult();

    public int CountParked() => Interlocked.Increment(ref _parked);

    /// <param name="first">It is the first delivery of this step.</param>
    public Fate NextFate(string step, out bool first)
    {
        var delivery = _delivered.AddOrUpdate(step, 0, static (_, before) => before + 1);
        first = delivery == 0;
        return !Mended && plan.Fates.TryGetValue(step, out var fates) && delivery < fates.Length ? fates[delivery] : default;
    }

    public void Hear(string by, Order? order)
    {
        if (order is not null) Told.Enqueue(new(by, order.Version, order.Status));
    }
}
