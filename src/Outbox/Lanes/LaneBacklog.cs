namespace Holdfast.Outbox.Lanes;

/// <summary>What is due in some lanes and waits for a handler.</summary>
/// <param name="Waiting">Messages in memory. Past <see cref="OutboxOptions.MaxQueued"/> of a lane there are more in the table.</param>
/// <param name="OldestSince">When the first of them came, or, of one that found no room in memory, became due; null when none waits.</param>
/// <param name="Started">How many have been taken since the silo started.</param>
public readonly record struct LaneBacklog(int Waiting, DateTimeOffset? OldestSince, long Started)
{
    public LaneBacklog With(LaneBacklog other) => new(
        Waiting + other.Waiting,
        OldestSince is null || other.OldestSince < OldestSince ? other.OldestSince : OldestSince,
        Started + other.Started);
}
