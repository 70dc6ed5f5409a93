using System.Diagnostics;
using Holdfast.Journal;
using Holdfast.Journal.Postgres;

namespace Holdfast.Silo.Cluster;

/// <summary>
/// The read lease of a silo in a cluster: a beat that reached the database, and did not find this silo dead there, gives it for
/// <see cref="Budgets.ReadLease"/>, counted from the moment the beat was sent.
/// </summary>
/// <remarks>
/// Time is monotonic. It goes on while the process is stopped; a machine that is suspended whole stops it for the process and its
/// lease alike.
/// </remarks>
internal sealed partial class ReadLease(ILocalSiloDetails self, ILogger<ReadLease> logger) : IReadLease
{
    private long _heldUntil;
    private bool _joined;

    public bool IsHeld => Stopwatch.GetTimestamp() < Volatile.Read(ref _heldUntil);

    /// <summary>A beat has come back from the database.</summary>
    /// <param name="sent">The timestamp at which it was sent.</param>
    /// <param name="members">What it found.</param>
    /// <returns>True when this silo is a living member.</returns>
    public bool Renew(long sent, IReadOnlyList<MemberBeat> members)
    {
        // A silo has no row before it joins. One that had a row and finds none has been dead for so long that it was cleared away.
        SiloStatus? own = null;
        foreach (var member in members)
        {
            if (member.Silo.Equals(self.SiloAddress)) own = member.Status;
        }

        _joined |= own is not null;
        if (own == SiloStatus.Dead || (own is null && _joined))
        {
            LogDeclaredDead();
            Volatile.Write(ref _heldUntil, 0);
            return false;
        }

        Volatile.Write(ref _heldUntil, sent + (long)(Budgets.ReadLease.TotalSeconds * Stopwatch.Frequency));
        return own is not null;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The cluster has declared this silo dead; it answers nothing from memory any more")]
    private partial void LogDeclaredDead();
}
