using Holdfast.Journal.Postgres;
using Npgsql;

namespace Holdfast.Silo.Cluster;

/// <summary>
/// Ends the database sessions of dead silos. A process that was paused in the middle of a commit keeps the keys in it from everybody
/// else, for as long as it is paused.
/// </summary>
/// <remarks>
/// A silo that had fallen silent loses its sessions as soon as it is dead. One that was heard until the end may be stopping in good
/// order, with a little left to write, and is given <see cref="Budgets.LastWrites"/>. Sessions are ended again and again: a paused
/// process may run for a moment, connect anew, and be paused again. For one thread.
/// </remarks>
internal sealed partial class DeadSessions(ILocalSiloDetails self, PostgresBeats beats, ILogger<DeadSessions> logger)
{
    /// <summary>Since when each dead silo has had its sessions: since its death, or since they were ended last.</summary>
    private readonly Dictionary<SiloAddress, TimeSpan> _since = [];

    /// <param name="now">When the beat that found them was sent, by a clock that never goes back.</param>
    /// <param name="members">The membership.</param>
    /// <param name="diedSilent">Those that died silent since the last beat.</param>
    public void End(TimeSpan now, IReadOnlyList<MemberBeat> members, IReadOnlyList<SiloAddress> diedSilent)
    {
        var due = Due(now, members, diedSilent);
        if (due.Count == 0) return;
        try
        {
            if (beats.EndSessions(due) is > 0 and var count) LogEnded(count);
        }
        catch (PostgresException refused)
        {
            LogNotEnded(refused.MessageText);
        }
    }

    /// <returns>The names of the sessions that are to be ended now.</returns>
    internal IReadOnlyList<string> Due(TimeSpan now, IReadOnlyList<MemberBeat> members, IReadOnlyList<SiloAddress> diedSilent)
    {
        foreach (var silo in diedSilent) _since[silo] = now - Budgets.LastWrites;
        var due = new List<string>();
        foreach (var (silo, status, _, sessions) in members)
        {
            if (status != SiloStatus.Dead || sessions.Length == 0 || silo.Equals(self.SiloAddress)) continue;
            if (_since.TryAdd(silo, now) || now - _since[silo] < Budgets.LastWrites) continue;
            _since[silo] = now;
            due.Add(sessions);
        }

        return due;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Count} database sessions of silos that are dead were still there, perhaps in the middle of a commit, and are ended")]
    private partial void LogEnded(long count);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The database sessions of silos that are dead cannot be ended; a commit that one of them has sent by half "
            + "keeps its keys: {Why}")]
    private partial void LogNotEnded(string why);
}
