using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using Holdfast.Journal.Writing;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;

namespace Holdfast.Journal.Postgres;

/// <summary>
/// The sign of life that each silo leaves in the database, and what follows from it. A silo whose beat reached the database, and
/// found its own membership row alive there, holds its lease for <see cref="Length"/> from the moment the beat was sent. A silo
/// whose beats stop for <see cref="Silence"/> while ours go through is declared dead: it is paused, or cut off from the database,
/// which its peers' probes would never notice. One that is silent for <see cref="Suspicion"/> is knocked at: when its machine says
/// that nobody listens there, its process has ended, and it is dead at once. Of a dead one the database sessions are ended, too: a
/// process that was paused in the middle of a commit would keep the keys in it from everybody for as long as it is paused.
/// </summary>
/// <remarks>
/// On a thread of its own, so that a starved thread pool does not end a lease. Time is monotonic; it goes on while a process is
/// stopped, and a machine that is suspended whole stops it for the process and its lease alike.
/// </remarks>
public sealed partial class PostgresReadLease : IReadLease, ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(2);

    /// <summary>From one sign of life to the next.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    /// <summary>Also the longest stall of a silo that costs it nothing.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Two beats late. Beats may be that late on a busy machine, but there the kernel still takes a caller for a process that lives:
    /// only both together say that it is gone.
    /// </summary>
    public static readonly TimeSpan Suspicion = TimeSpan.FromSeconds(1);

    /// <summary>From one attempt to declare a silent silo dead to the next: one can be lost to another change of the membership.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    /// <summary>For the machine's word that nobody listens; a machine that is gone, too, says nothing.</summary>
    private static readonly TimeSpan KnockLimit = TimeSpan.FromSeconds(1);

    /// <summary>Shorter than a lease, which is not renewed meanwhile.</summary>
    private const int EndSeconds = 1;

    /// <summary>How old a beat may be that no silo misses any more.</summary>
    private const string Forgotten = "1 day";

    /// <summary>How old the last beat of a dead silo may be whose sessions are still looked for.</summary>
    private const string Recent = "10 minutes";

    /// <summary>Clocks that are farther apart than this are worth a line in the log.</summary>
    private static readonly TimeSpan NotableSkew = ClusterClock.MaxSkew / 5;

    /// <summary>One statement: the lease is given by the same look at the database that left the beat.</summary>
    private const string Beat =
        $"""
        WITH mine AS (
            INSERT INTO silo_beats AS b (cluster, silo, beat, at, sessions) VALUES ($1, $2, 1, now(), $3)
            ON CONFLICT (cluster, silo) DO UPDATE SET beat = b.beat + 1, at = now(), sessions = excluded.sessions),
        forgotten AS (DELETE FROM silo_beats WHERE cluster = $1 AND at < now() - interval '{Forgotten}')
        SELECT m.address, m.port, m.generation, m.status, coalesce(b.beat, 0),
            CASE WHEN b.at > now() - interval '{Recent}' THEN coalesce(b.sessions, '') ELSE '' END,
            clock_timestamp()
        FROM membership m LEFT JOIN silo_beats b
            ON b.cluster = m.cluster AND b.silo = m.address || ':' || m.port || '@' || m.generation
        WHERE m.cluster = $1
        """;

    /// <summary>
    /// A role may end its own sessions only; silos of one cluster have one role, as a rule. One that waits for the standby has its commit
    /// whole: ended, it would show it before the standby has it.
    /// </summary>
    private const string EndSessions =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        + "WHERE application_name = ANY ($1) AND usename = session_user AND wait_event IS DISTINCT FROM 'SyncRep'";

    private readonly PostgresDatabase _database;
    private readonly ILocalSiloDetails _self;
    private readonly IClusterMembershipService _membership;
    private readonly ClusterClock _clock;
    private readonly ILogger<PostgresReadLease> _logger;
    private readonly string _cluster;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<SiloAddress, (long Beat, long Since)> _heard = [];
    private readonly ConcurrentDictionary<SiloAddress, bool> _knockedAt = [];
    private readonly Dictionary<SiloAddress, long> _dead = [];
    private Thread? _thread;
    private long _heldUntil;
    private long _lastBeat;
    private bool _joined;
    private bool _learning;
    private bool _skewed;

    public PostgresReadLease(
        PostgresDatabase database,
        ILocalSiloDetails self,
        IClusterMembershipService membership,
        ClusterClock clock,
        Microsoft.Extensions.Options.IOptions<ClusterOptions> cluster,
        ILogger<PostgresReadLease> logger)
    {
        (_database, _self, _membership, _clock, _logger) = (database, self, membership, clock, logger);
        _cluster = cluster.Value.ClusterId;
    }

    public bool IsHeld => Stopwatch.GetTimestamp() < Volatile.Read(ref _heldUntil);

    public void Participate(ISiloLifecycle lifecycle) =>
        // Before the silo is a member: it has a lease when its first grain answers, and is heard of before anyone misses it.
        lifecycle.Subscribe(nameof(PostgresReadLease), ServiceLifecycleStage.RuntimeServices, Start, Stop);

    public void Dispose() => _stop.Dispose();

    private Task Start(CancellationToken cancellationToken)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "silo-lease" };
        _thread.Start();
        return Task.CompletedTask;
    }

    private async Task Stop(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        if (_thread is { } thread) await Task.Run(thread.Join, cancellationToken);
    }

    private void Run()
    {
        NpgsqlConnection? connection = null;
        while (!_stop.IsCancellationRequested)
        {
            var sent = Stopwatch.GetTimestamp();
            try
            {
                connection ??= _database.Leases.OpenConnection();
                if (!_clock.IsShared) ReadTime(connection);
                var members = ReadMembers(connection);
                NoteSkew();
                Renew(sent, members);
                EndSessionsOfDead(sent, connection, members);
            }
#pragma warning disable CA1031 // Whatever keeps the beat from the database: there is no lease without it, and the next beat tries again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogBeatFailed(exception.Message);
                connection?.Dispose();
                connection = null;

                // What broke this connection has broken theirs, too, and whoever is to be declared dead next should not wait for one to fail.
                _database.Providers.Clear();
            }

            _stop.Token.WaitHandle.WaitOne(Period);
        }

        connection?.Dispose();
    }

    private List<Member> ReadMembers(NpgsqlConnection connection)
    {
        var self = _self.SiloAddress;
        using var command = new NpgsqlCommand(Beat, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = _cluster },
                new NpgsqlParameter<string> { TypedValue = $"{self.Endpoint.Address}:{self.Endpoint.Port}@{self.Generation}" },
                new NpgsqlParameter<string> { TypedValue = _database.Sessions },
            },
        };
        command.Prepare();
        var asked = _clock.GetTimestamp();
        using var reader = command.ExecuteReader();
        var members = new List<Member>();
        while (reader.Read())
        {
            if (members.Count == 0) _clock.Follow(reader.GetFieldValue<DateTimeOffset>(6), asked);
            var silo = SiloAddress.New(System.Net.IPAddress.Parse(reader.GetString(0)), reader.GetInt32(1), reader.GetInt32(2));
            members.Add(new(silo, (SiloStatus)reader.GetInt32(3), reader.GetInt64(4), reader.GetString(5)));
        }

        return members;
    }

    /// <summary>The time is known before the silo is a member, which is when its beats bring rows.</summary>
    private void ReadTime(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SELECT clock_timestamp()", connection);
        var asked = _clock.GetTimestamp();
        using var reader = command.ExecuteReader();
        if (reader.Read()) _clock.Follow(reader.GetFieldValue<DateTimeOffset>(0), asked);
    }

    private void NoteSkew()
    {
        var skew = _clock.Skew;
        JournalMetrics.RecordSkew(skew);
        var skewed = skew.Duration() > NotableSkew;
        if (skewed && !_skewed) LogSkewed(skew);
        if (!skewed && _skewed) LogNotSkewed();
        _skewed = skewed;
    }

    /// <summary>
    /// At once when it had fallen silent before, else a while after its death: one that stops in good order may have a little left to write. And again: a process that stands still may run for a moment, connect and stand still again.
    /// </summary>
    private void EndSessionsOfDead(long now, NpgsqlConnection connection, List<Member> members)
    {
        var due = new List<string>();
        foreach (var dead in members.Where(member => member.Status == SiloStatus.Dead && member.Sessions.Length > 0 && !member.Silo.Equals(_self.SiloAddress)))
        {
            if (_dead.TryAdd(dead.Silo, now) || now - _dead[dead.Silo] < ToTicks(Silence)) continue;
            _dead[dead.Silo] = now;
            due.Add(dead.Sessions);
        }

        if (due.Count == 0) return;
        using var command = new NpgsqlCommand(EndSessions, connection)
        {
            CommandTimeout = EndSeconds,
            Parameters = { new NpgsqlParameter<string[]> { TypedValue = [.. due] } },
        };
        try
        {
            if (command.ExecuteScalar() is long and > 0 and var count) LogSessionsEnded(count);
        }
        catch (PostgresException refused)
        {
            LogSessionsNotEnded(refused.MessageText);
        }
    }

    private void Renew(long sent, List<Member> members)
    {
        // A silo has no row before it joins. One that had a row and finds none has been dead for so long that it was cleared away.
        var own = members.FindIndex(member => member.Silo.Equals(_self.SiloAddress));
        _joined |= own >= 0;
        if (own >= 0 ? members[own].Status == SiloStatus.Dead : _joined)
        {
            LogDeclaredDead();
            Volatile.Write(ref _heldUntil, 0);
            return;
        }

        Volatile.Write(ref _heldUntil, sent + ToTicks(Length));

        // Who is no member yet can declare nobody dead.
        if (own >= 0) Listen(sent, members);
    }

    private void Listen(long now, List<Member> members)
    {
        // After a gap of our own we have not listened, and cannot say who was silent meanwhile.
        if (now - _lastBeat > ToTicks(Length)) _heard.Clear();
        _lastBeat = now;
        foreach (var (silo, status, beat, _) in members)
        {
            if (status != SiloStatus.Active || silo.Equals(_self.SiloAddress))
            {
                // One that stopped in good order was heard until the end.
                if (_heard.Remove(silo, out var last) && status == SiloStatus.Dead && now - last.Since > ToTicks(Suspicion)) _dead[silo] = now - ToTicks(Silence);
            }
            else if (!_heard.TryGetValue(silo, out var heard) || heard.Beat != beat)
            {
                _heard[silo] = (beat, now);
            }
            else if (now - heard.Since > ToTicks(Silence))
            {
                _heard[silo] = (beat, now - ToTicks(Silence - Again));
                LogSilent(silo, Silence);
                DeclareDead(silo).Ignore();
            }
            else if (now - heard.Since > ToTicks(Suspicion))
            {
                DeclareDeadIfGone(silo).Ignore();
            }
        }

        var known = _membership.CurrentSnapshot;
        if (members.Exists(member => member.Status == SiloStatus.Dead && known.GetSiloStatus(member.Silo) is not (SiloStatus.Dead or SiloStatus.None)))
        {
            LearnOfDeath().Ignore();
        }
    }

    /// <summary>Whoever declares a silo dead tells the others, but that word can be lost; then they would go on calling it until they look by themselves.</summary>
    private async Task LearnOfDeath()
    {
        if (Interlocked.Exchange(ref _learning, true)) return;
        try
        {
            await Task.Run(() => _membership.Refresh(cancellationToken: _stop.Token).AsTask());
        }
#pragma warning disable CA1031 // The next beat finds the same and tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotLearned(exception.Message);
        }
        finally
        {
            Volatile.Write(ref _learning, false);
        }
    }

    private async Task DeclareDeadIfGone(SiloAddress silo)
    {
        // Every beat comes by here until the silo is heard again, or is dead.
        if (!_knockedAt.TryAdd(silo, true)) return;
        try
        {
            if (!await Task.Run(() => Refuses(silo))) return;
            LogGone(silo);
            await DeclareDead(silo);
        }
        finally
        {
            _knockedAt.TryRemove(silo, out _);
        }
    }

    private async Task<bool> Refuses(SiloAddress silo)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(KnockLimit);
        using var socket = new Socket(silo.Endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(silo.Endpoint, limit.Token);
            return false;
        }
        catch (SocketException answer)
        {
            return answer.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task DeclareDead(SiloAddress silo)
    {
        try
        {
            await Task.Run(() => _membership.TryKill(silo));
        }
#pragma warning disable CA1031 // It is still silent when it is looked at the next time.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotDeclared(exception, silo);
        }
    }

    private static long ToTicks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    /// <param name="Sessions">The name of its sessions in the database; empty when it has left none.</param>
    private readonly record struct Member(SiloAddress Silo, SiloStatus Status, long Beat, string Sessions);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sign of life did not reach the database; reads ask the store until it does: {Why}")]
    private partial void LogBeatFailed(string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "This machine's clock is {Skew} ahead of the database's, whose time is used; the clocks of the cluster should be set")]
    private partial void LogSkewed(TimeSpan skew);

    [LoggerMessage(Level = LogLevel.Information, Message = "This machine's clock agrees with the database's again")]
    private partial void LogNotSkewed();

    [LoggerMessage(Level = LogLevel.Error, Message = "The cluster has declared this silo dead; it answers nothing from memory any more")]
    private partial void LogDeclaredDead();

    [LoggerMessage(Level = LogLevel.Error, Message = "{Silo} has left no sign of life in the database for {Silence}: it is declared dead")]
    private partial void LogSilent(SiloAddress silo, TimeSpan silence);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Silo} leaves no sign of life and nobody listens there: its process has ended, and it is declared dead")]
    private partial void LogGone(SiloAddress silo);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} database sessions of silos that are dead were still there, perhaps in the middle of a commit, and are ended")]
    private partial void LogSessionsEnded(long count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database sessions of silos that are dead cannot be ended; a commit that one of them has sent by half keeps its keys: {Why}")]
    private partial void LogSessionsNotEnded(string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The membership could not be read anew, although a silo is dead in it; the next sign of life tries again: {Why}")]
    private partial void LogNotLearned(string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Silo} could not be declared dead")]
    private partial void LogNotDeclared(Exception exception, SiloAddress silo);
}
