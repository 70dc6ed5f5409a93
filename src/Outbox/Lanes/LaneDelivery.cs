using Holdfast.Journal;

namespace Holdfast.Outbox.Lanes;

/// <summary>A message on its way to its handler.</summary>
/// <param name="FromTable">It was read from the table, so it may have been run before: the attempt is recorded first.</param>
[GenerateSerializer, Immutable, Alias("holdfast.Delivery")]
public readonly record struct LaneDelivery([property: Id(0)] OutboxMessage Message, [property: Id(1)] bool FromTable);
