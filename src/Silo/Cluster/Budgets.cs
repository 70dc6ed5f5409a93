using Holdfast.Journal;
using Holdfast.Journal.Postgres;

namespace Holdfast.Silo.Cluster;

/// <summary>
/// The spans of time whose order with one another matters, in one place. Those of a silo's life in its cluster are decided here;
/// those of the rooms below, which know nothing of a cluster, stand beside what they bound and are named here. A test states which
/// must be shorter than which, and why; docs/design/time.md explains them. What an operator may set is held to its order by
/// <see cref="Settings.TimeOrder"/>.
/// </summary>
public static class Budgets
{
    /// <summary>From one beat of a silo to its next.</summary>
    public static readonly TimeSpan BeatPeriod = TimeSpan.FromMilliseconds(500);

    /// <summary>A silo whose beat is this late is knocked at: its process may have ended.</summary>
    /// <remarks>
    /// Two beats. On a busy machine beats may be that late, but there the kernel still takes a caller for a process that lives: only
    /// both together say that it has ended.
    /// </remarks>
    public static readonly TimeSpan Suspicion = TimeSpan.FromSeconds(1);

    /// <summary>For the machine's word that nobody listens at a silo's port. A machine that is gone, too, says nothing.</summary>
    public static readonly TimeSpan Knock = TimeSpan.FromSeconds(1);

    /// <summary>A beat that reached the database allows answers from memory for this long, from the moment it was sent.</summary>
    public static readonly TimeSpan ReadLease = TimeSpan.FromSeconds(2);

    /// <summary>A silo whose beats stop for this long is declared dead. Also the longest stall of a silo that costs it nothing.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);

    /// <summary>From one attempt to declare a silent silo dead to the next: one can be lost to another change of the membership.</summary>
    public static readonly TimeSpan DeclareAgain = TimeSpan.FromSeconds(1);

    /// <summary>
    /// From the death of a silo to the end of its database sessions, if it was heard until the end: it may have been stopping in good
    /// order, with a little left to write. And from one such end to the next.
    /// </summary>
    public static readonly TimeSpan LastWrites = Silence;

    /// <summary>How often silos ask each other over the network for a sign of life, and how long they wait for it.</summary>
    public static readonly TimeSpan Probe = TimeSpan.FromSeconds(1.5);

    /// <summary>Probes in a row without an answer for which a silo is suspected; two suspecting silos declare it dead.</summary>
    public const int MissedProbes = 3;

    /// <summary>How often a silo reads the membership although nobody has told it of a change.</summary>
    public static readonly TimeSpan MembershipRefresh = TimeSpan.FromSeconds(10);

    /// <summary>How long a dead silo stays in the membership.</summary>
    public static readonly TimeSpan Defunct = TimeSpan.FromDays(1);

    /// <summary>How often a front door looks which silos there are.</summary>
    public static readonly TimeSpan GatewayRefresh = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a front door waits for an answer before it repeats the call: nothing else tells it that the silo in between died.
    /// </summary>
    public static readonly TimeSpan CallRepeat = TimeSpan.FromSeconds(5);

    /// <summary>For one question of a health check to the store or to the silos.</summary>
    public static readonly TimeSpan HealthQuestion = TimeSpan.FromSeconds(2);

    /// <summary>For the answer of the process that the command <c>health</c> asks.</summary>
    public static readonly TimeSpan HealthCommand = TimeSpan.FromSeconds(4);

    /// <summary>Clocks that are farther apart than this are worth a line in the log.</summary>
    public static readonly TimeSpan NotableSkew = ClockSkew / 5;

    /// <summary>Clocks that are farther apart than this make a process not ready.</summary>
    public static TimeSpan ClockSkew => ClusterClock.MaxSkew;

    /// <summary>For a beat on its way to the database and back.</summary>
    public static TimeSpan BeatAnswer => TimeSpan.FromSeconds(PostgresDatabase.BeatSeconds);

    /// <summary>For the database to end the sessions of dead silos, while the next beat waits.</summary>
    public static TimeSpan EndSessions => TimeSpan.FromSeconds(PostgresBeats.EndSeconds);

    /// <summary>For the lock that a statement of the journal needs.</summary>
    public static TimeSpan DatabaseLock => TimeSpan.FromSeconds(PostgresDatabase.LockSeconds);

    /// <summary>For a statement of the journal, by the server.</summary>
    public static TimeSpan DatabaseStatement => TimeSpan.FromSeconds(PostgresDatabase.StatementSeconds);

    /// <summary>For an answer of the database, by this side.</summary>
    public static TimeSpan DatabaseAnswer => TimeSpan.FromSeconds(PostgresDatabase.CommandSeconds);
}
