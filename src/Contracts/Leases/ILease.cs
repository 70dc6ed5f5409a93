namespace Holdfast.Contracts.Leases;

/// <summary>
/// The owner of one lease: who may hold something for a while, one at a time. Key: its name. Each time that somebody comes to hold it is a
/// term, with a number that only grows. A lease alone protects nothing: the number has to go along, as a <see cref="Fence"/>.
/// </summary>
[Alias("holdfast.ILease")]
public interface ILease : IGrainWithStringKey
{
    /// <summary>Begins a term, unless somebody holds the lease: the same holder, too.</summary>
    [Alias("Acquire")]
    ValueTask<LeaseOutcome> Acquire(AcquireLease command);

    /// <summary>Lets the newest term last longer, while it lasts.</summary>
    [Alias("Renew")]
    ValueTask<LeaseOutcome> Renew(RenewLease command);

    /// <summary>Ends the newest term, while it lasts.</summary>
    [Alias("Release")]
    ValueTask<LeaseOutcome> Release(ReleaseLease command);

    [Alias("Read")]
    ValueTask<LeaseReading> Read(ReadConsistency consistency = ReadConsistency.Default);
}

/// <param name="Holder">Null when nobody holds it.</param>
/// <param name="Number">Of the newest term; 0 when there was none.</param>
/// <param name="ExpiresAt">By the owner's time; null when nobody holds it.</param>
[GenerateSerializer, Immutable, Alias("holdfast.LeaseReading")]
public sealed record LeaseReading(
    [property: Id(0)] string? Holder, [property: Id(1)] long Number, [property: Id(2)] DateTimeOffset? ExpiresAt);

/// <param name="Holder">Who is to hold it: for people, and compared with nothing.</param>
/// <param name="Ttl"><see cref="Limits.ShortestLease"/> to <see cref="Limits.LongestLease"/>.</param>
[GenerateSerializer, Immutable, Alias("holdfast.AcquireLease")]
public sealed record AcquireLease([property: Id(0)] Operation Operation, [property: Id(1)] string Holder, [property: Id(2)] TimeSpan Ttl);

/// <param name="Number">Of the term, as its token says.</param>
/// <param name="Ttl">From now on; a term that would have ended later anyway still does.</param>
[GenerateSerializer, Immutable, Alias("holdfast.RenewLease")]
public sealed record RenewLease([property: Id(0)] Operation Operation, [property: Id(1)] long Number, [property: Id(2)] TimeSpan Ttl);

/// <param name="Number">Of the term, as its token says.</param>
[GenerateSerializer, Immutable, Alias("holdfast.ReleaseLease")]
public sealed record ReleaseLease([property: Id(0)] Operation Operation, [property: Id(1)] long Number);

public enum LeaseStatus
{
    /// <summary>It is as was asked for.</summary>
    Done = 0,

    /// <summary>Somebody holds it.</summary>
    Held = 1,

    /// <summary>The term is over, or another one has begun.</summary>
    Lost = 2,
    KeyReused = 3,
}

/// <param name="Lease">Right after the change; when there was none, as it is now. A repeat is told the first answer.</param>
/// <param name="Replayed">It was done by an earlier call with the same operation id.</param>
[GenerateSerializer, Immutable, Alias("holdfast.LeaseOutcome")]
public sealed record LeaseOutcome(
    [property: Id(0)] LeaseStatus Status, [property: Id(1)] LeaseReading Lease, [property: Id(2)] bool Replayed = false)
{
    /// <summary>With <see cref="LeaseStatus.Held"/>: how long the term still lasts, by the owner's time.</summary>
    [Id(3)]
    public TimeSpan Left { get; init; }
}
