using System.Globalization;
using Npgsql;

namespace Holdfast.Journal.Postgres;

/// <summary>
/// The database behind the journal as one connection string names it: bounded pools, and sessions that never wait for ever.
/// </summary>
public sealed class PostgresDatabase : IAsyncDisposable
{
    /// <summary>The schema of all tables, unless the connection string names another search path.</summary>
    public const string DefaultSchema = "holdfast";

    /// <summary>Seconds until a connection attempt is given up. It takes up to four round trips, with encryption and a password.</summary>
    public const int ConnectSeconds = 10;

    /// <summary>
    /// Seconds until this side gives an answer up. The server gives a statement up before that (<see cref="StatementSeconds"/>), so that
    /// its word counts, unless several statements of one send are slow. A commit that is given up is left to itself, never cancelled.
    /// </summary>
    public const int CommandSeconds = 15;

    /// <summary>Seconds until the server gives a statement up.</summary>
    public const int StatementSeconds = 10;

    /// <summary>Seconds until the server gives up waiting for a lock.</summary>
    public const int LockSeconds = 5;

    /// <summary>Seconds until a beat is given up, and the next one tries another connection.</summary>
    public const int BeatSeconds = 3;

    /// <summary>
    /// A silent connection of the journal is asked after this many seconds whether its other end is still there: the wait for a commit
    /// has no other end.
    /// </summary>
    private const int KeepAliveSeconds = 10;

    /// <summary>Seconds from one such question to the next; after some nine without an answer the connection is broken.</summary>
    private const int KeepAliveIntervalSeconds = 1;

    /// <summary>Connections for the journal and the outbox, those of a silo's writers among them.</summary>
    private const int MaxConnections = 16;

    /// <summary>Connections of Orleans' own providers: membership, snapshots.</summary>
    private const int MaxProviderConnections = 8;

    /// <summary>PostgreSQL cuts a session's name off after this many characters.</summary>
    private const int MaxSessionName = 63;

    /// <summary>Characters of a session's name that tell silos apart: a blank and twelve digits of a random number.</summary>
    private const int SessionMark = 13;

    /// <summary>
    /// What every session promises. An acknowledged commit is on disk. A statement, a wait for a lock and an idle transaction end by
    /// themselves. So does a connection whose other end has vanished, even while the server waits for the second half of a commit:
    /// no other limit holds there, and nobody else could write the keys of its rows for hours.
    /// </summary>
    private static readonly string Bounds = string.Create(
        CultureInfo.InvariantCulture,
        $"-c synchronous_commit=on -c statement_timeout={StatementSeconds}s -c lock_timeout={LockSeconds}s "
        + $"-c idle_in_transaction_session_timeout=10s -c tcp_user_timeout=10s -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=1 "
        + $"-c tcp_keepalives_count=5 -c client_min_messages=warning");

    /// <summary>A beat is for the moment and need not outlive a crash. If it waited for a standby, silos would fall silent with that.</summary>
    private const string NotOnDisk = "-c synchronous_commit=local";

    /// <summary>
    /// The journal's statements find everything by key. A young shop's tables are so small that the planner would rather read them
    /// whole, and would go on doing so when they no longer are. Nor would another plan suit other values better: planning a commit
    /// anew takes longer than carrying it out.
    /// </summary>
    private const string ByKey =
        "-c jit=off -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan";

    /// <param name="connectionString">As Npgsql takes it; what it says of its own accord is kept.</param>
    /// <exception cref="JournalStoreException">It cannot be understood.</exception>
    public PostgresDatabase(string connectionString)
    {
        var settings = Read(connectionString);
        Name = $"{settings.Database ?? settings.Username} on {settings.Host}:{settings.Port}";
        Schema = settings.SearchPath!.Split(',')[0].Trim();
        Sessions = NameSessions(settings.ApplicationName!);
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = Sessions }.ConnectionString;
        CommitLimit = settings.CommandTimeout == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(settings.CommandTimeout);
        Providers = NpgsqlDataSource.Create(Pool(settings, MaxProviderConnections, Bounds));
        Beats = NpgsqlDataSource.Create(BeatPool(settings));
        Journal = NpgsqlDataSource.Create(JournalPool(settings, Sessions));
    }

    /// <summary>Which database, for messages; without credentials.</summary>
    public string Name { get; }

    /// <summary>The schema that holds the tables.</summary>
    public string Schema { get; }

    /// <summary>The name that the sessions of this silo's journal, and only of this silo, have in <c>pg_stat_activity</c>.</summary>
    public string Sessions { get; }

    /// <summary>
    /// As it was given, under the name <see cref="Sessions"/>: for whoever else in this silo locks something in the database, whose
    /// sessions are to end with the journal's when the silo is dead.
    /// </summary>
    public string ConnectionString { get; }

    /// <summary>Connections of the journal.</summary>
    public NpgsqlDataSource Journal { get; }

    /// <summary>How long the answer to a commit is waited for: as long as any other answer.</summary>
    public TimeSpan CommitLimit { get; }

    /// <summary>The connection of the silo's beats.</summary>
    public NpgsqlDataSource Beats { get; }

    /// <summary>Connections of Orleans' own providers.</summary>
    public NpgsqlDataSource Providers { get; }

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        await Beats.DisposeAsync();
        await Providers.DisposeAsync();
    }

    private static NpgsqlConnectionStringBuilder Read(string connectionString)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new(connectionString);
        }
        catch (ArgumentException e)
        {
            throw new JournalStoreException(
                $"ConnectionStrings:Holdfast is no PostgreSQL connection string: {e.Message} "
                + "An example is 'Host=localhost;Database=holdfast;Username=holdfast'.",
                e);
        }

        settings.SearchPath ??= DefaultSchema;
        settings.ApplicationName ??= "holdfast";

        // Not ContainsKey: that is true of whatever could be named.
        if (!settings.ShouldSerialize("Timeout")) settings.Timeout = ConnectSeconds;
        if (!settings.ShouldSerialize("Command Timeout")) settings.CommandTimeout = CommandSeconds;
        return settings;
    }

    /// <summary>Told apart from those of other silos, whichever machine they are on. PostgreSQL keeps ASCII only.</summary>
    private static string NameSessions(string application) =>
        string.Concat(application.Where(char.IsAscii).Take(MaxSessionName - SessionMark)) + $" {Guid.NewGuid():n}"[..SessionMark];

    /// <summary>A copy of the settings, for a pool of its own. What the connection string asks of a session comes last, and wins.</summary>
    private static NpgsqlConnectionStringBuilder Pool(NpgsqlConnectionStringBuilder settings, int connections, string session) =>
        new(settings.ConnectionString) { MaxPoolSize = connections, Options = $"{session} {settings.Options}" };

    private static NpgsqlConnectionStringBuilder BeatPool(NpgsqlConnectionStringBuilder settings)
    {
        var pool = Pool(settings, 1, $"{Bounds} {NotOnDisk}");
        pool.Timeout = pool.CommandTimeout = BeatSeconds;
        return pool;
    }

    private static NpgsqlConnectionStringBuilder JournalPool(NpgsqlConnectionStringBuilder settings, string sessions)
    {
        var pool = Pool(settings, MaxConnections, $"{Bounds} {ByKey}");
        pool.ApplicationName = sessions;

        // Nothing changes a session, so there is nothing to reset when it goes back to the pool.
        pool.NoResetOnClose = true;
        if (!settings.ShouldSerialize("Tcp Keepalive"))
        {
            (pool.TcpKeepAlive, pool.TcpKeepAliveTime, pool.TcpKeepAliveInterval) = (true, KeepAliveSeconds, KeepAliveIntervalSeconds);
        }

        return pool;
    }
}
