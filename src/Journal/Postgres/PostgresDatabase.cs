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
    private const int ConnectSeconds = 10;

    /// <summary>
    /// Seconds until an answer is given up by this side; the server gives up before that, so that its word counts, unless several statements
    /// of one send are slow. A commit that is given up is left to itself, and never cancelled.
    /// </summary>
    private const int CommandSeconds = 15;

    /// <summary>Seconds until the machine asks whether the other end of a silent connection is still there: a commit's own wait has no end.</summary>
    private const int KeepAliveSeconds = 10;

    /// <summary>Seconds from one such question to the next; after some nine without an answer the connection is broken.</summary>
    private const int KeepAliveIntervalSeconds = 1;

    /// <summary>Seconds until a sign of life is given up and the next one tries another connection.</summary>
    private const int LeaseSeconds = 3;

    /// <summary>Connections for the journal and the outbox, those of a silo's writers among them.</summary>
    private const int MaxConnections = 16;

    /// <summary>Connections of Orleans' own providers: membership, snapshots.</summary>
    private const int MaxProviderConnections = 8;

    /// <summary>A blank, and enough of a random number that no two silos have the same.</summary>
    private const int SessionMark = 13;

    /// <summary>How much of a session's name PostgreSQL keeps.</summary>
    private const int MaxSessionName = 63;

    /// <summary>
    /// What every session promises: an acknowledged commit is on disk; a statement, a lock wait and an idle transaction end by
    /// themselves, and so does a connection whose other end has vanished, also while the server waits for the rest of a commit: there no
    /// other limit holds, and the rows that it has taken would keep their keys from everyone for hours.
    /// </summary>
    private const string Bounds =
        "-c synchronous_commit=on -c statement_timeout=10s -c lock_timeout=5s -c idle_in_transaction_session_timeout=10s "
        + "-c tcp_user_timeout=10s -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=5 -c client_min_messages=warning";

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
        Name = $"{settings.Database ?? settings.Username} on {settings.Host}:{settings.Port}";
        Schema = settings.SearchPath.Split(',')[0].Trim();

        var (asked, connect, command) = (settings.Options, settings.Timeout, settings.CommandTimeout);
        settings.Options = $"{Bounds} {asked}";
        settings.MaxPoolSize = MaxProviderConnections;
        Providers = NpgsqlDataSource.Create(settings);

        // A sign of life is for the moment, and needs no standby to have it: the silos would fall silent with it.
        settings.Options = $"{Bounds} -c synchronous_commit=local {asked}";
        settings.MaxPoolSize = 1;
        settings.Timeout = settings.CommandTimeout = LeaseSeconds;
        Leases = NpgsqlDataSource.Create(settings);
        settings.Timeout = connect;
        settings.CommandTimeout = command;

        settings.Options = $"{Bounds} {ByKey} {asked}";
        settings.MaxPoolSize = MaxConnections;

        // Told apart from those of other silos, whichever machine they are on. The server keeps no more of a name, and no other characters.
        var mark = $" {Guid.NewGuid():n}"[..SessionMark];
        settings.ApplicationName = Sessions = string.Concat(settings.ApplicationName.Where(char.IsAscii).Take(MaxSessionName - SessionMark)) + mark;

        if (!settings.ShouldSerialize("Tcp Keepalive"))
        {
            (settings.TcpKeepAlive, settings.TcpKeepAliveTime, settings.TcpKeepAliveInterval) = (true, KeepAliveSeconds, KeepAliveIntervalSeconds);
        }

        // Nothing changes a session, so there is nothing to reset when it goes back to the pool.
        settings.NoResetOnClose = true;
        Journal = NpgsqlDataSource.Create(settings);
        CommitLimit = command == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(command);
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = Sessions }.ConnectionString;
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

    /// <summary>The connection of the silo's sign of life.</summary>
    public NpgsqlDataSource Leases { get; }

    /// <summary>Connections of Orleans' own providers.</summary>
    public NpgsqlDataSource Providers { get; }

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        await Leases.DisposeAsync();
        await Providers.DisposeAsync();
    }
}
