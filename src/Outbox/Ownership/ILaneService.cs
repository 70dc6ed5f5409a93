using Holdfast.Journal;
using Orleans.Services;

namespace Holdfast.Outbox.Ownership;

/// <summary>
/// What silos tell each other about lanes; one on each silo. Whatever is lost on the way only costs a sweep, a duplicate or, when it is
/// the end of a handler, half a minute in which its message is not delivered again.
/// </summary>
[Alias("holdfast.ILaneService")]
public interface ILaneService : IGrainService
{
    [Alias("Hear")]
    Task Hear(LaneNews news);

    /// <summary>The next owner asks for a lane; answers with the messages whose handlers still run here.</summary>
    [Alias("Yield")]
    Task<Guid[]> Yield(int lane, SiloAddress heir);

    /// <summary>The silo is going to stop and owns no lanes from now on.</summary>
    [Alias("Leaving")]
    Task Leaving(SiloAddress silo);
}

/// <summary>News for the owner of some lanes.</summary>
/// <param name="Committed">Rows that were just committed.</param>
/// <param name="Nudged">Lanes in whose table something may be that nobody offers.</param>
/// <param name="Ended">Handlers that ran on after their lane was handed over.</param>
[GenerateSerializer, Immutable, Alias("holdfast.LaneNews")]
public sealed record LaneNews(
    [property: Id(0)] OutboxMessage[] Committed, [property: Id(1)] int[] Nudged, [property: Id(2)] EndedRun[] Ended);

/// <param name="DueAgain">When the message is to be delivered again; null when it is done with.</param>
[GenerateSerializer, Immutable, Alias("holdfast.EndedRun")]
public readonly record struct EndedRun(
    [property: Id(0)] int Lane, [property: Id(1)] Guid Message, [property: Id(2)] DateTimeOffset? DueAgain);
