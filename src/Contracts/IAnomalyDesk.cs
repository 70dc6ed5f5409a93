namespace Holdfast.Contracts;

/// <summary>
/// Where every process says which signs of races have become more than usual, and where a front door reads it. There is one, with the key
/// 0. It stores nothing: whoever has something to say says all of it again and again, so that a desk that died is told soon.
/// </summary>
[Alias("holdfast.IAnomalyDesk")]
public interface IAnomalyDesk : IGrainWithIntegerKey
{
    /// <summary>Takes the place of what this process has said before.</summary>
    /// <param name="where">Which process; see <see cref="Anomaly.Where"/>.</param>
    [Alias("Report")]
    ValueTask Report(string where, Anomaly[] anomalies);

    /// <summary>
    /// What all have said, newest first: no more than <see cref="Anomaly.MaxListed"/>, none longer ago than <see cref="Anomaly.Kept"/>.
    /// </summary>
    [Alias("Read")]
    ValueTask<Anomaly[]> Read();
}

/// <summary>A sign of races was seen more often than one process is used to.</summary>
/// <param name="Where">The process: a silo with its address, or a front door with its machine and process id.</param>
/// <param name="Since">When what made it an anomaly began.</param>
/// <param name="SeenAt">When the process last looked while it went on.</param>
/// <param name="EndedAt">When it was over; null while it goes on.</param>
/// <param name="Count">How often the sign was seen since then.</param>
/// <param name="PerMinute">How often it is seen now; when it is over, at its worst.</param>
/// <param name="UsualPerMinute">How often it would have been seen, by the process' own past, with as much work.</param>
[GenerateSerializer, Immutable, Alias("holdfast.Anomaly")]
public sealed record Anomaly(
    [property: Id(0)] RaceSign Sign,
    [property: Id(1)] string Where,
    [property: Id(2)] DateTimeOffset Since,
    [property: Id(3)] DateTimeOffset SeenAt,
    [property: Id(4)] DateTimeOffset? EndedAt,
    [property: Id(5)] long Count,
    [property: Id(6)] double PerMinute,
    [property: Id(7)] double UsualPerMinute)
{
    /// <summary>Anomalies that are listed, of one process and of all.</summary>
    public const int MaxListed = 100;

    /// <summary>How long one is listed after its process has last seen it.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(1);
}
