using Holdfast.Bench.Measuring;

namespace Holdfast.Lab.Races.Events;

/// <summary>Applies events that arrive at least once and in any order.</summary>
internal interface IEventConsumer : IStrategy
{
    Task Open(string entity);

    /// <summary>Done when the event needs to be delivered no more; after any other answer it is delivered again.</summary>
    ValueTask<Answer> Apply(EntityEvent @event, Client consumer);

    /// <summary>The truth: what the entity has become, as it is stored.</summary>
    Task<EntityState> Read(string entity);
}

/// <param name="Sequence">From 1 on, without gaps, for each entity.</param>
/// <param name="Amount">Is added to the entity's total: the order does not matter, repetition does.</param>
/// <param name="Value">Replaces the entity's latest value: the order matters, repetition does not.</param>
internal sealed record EntityEvent(Guid Id, string Entity, long Sequence, long Amount, string Value);

internal sealed record EntityState(long Total, string Latest);
