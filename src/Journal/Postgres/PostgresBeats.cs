using System.Net;
using Npgsql;

namespace Holdfast.Journal.Postgres;

/// <summary>A silo as the membership knows it, with the last beat that it left.</summary>
/// <param name="Beat">Counts its beats; 0 when it has left none.</param>
/// <param name="Sessions">The name of its sessions in the database; empty when it has left none lately.</param>
public readonly record struct MemberBeat(SiloAddress Silo, SiloStatus Status, long Beat, string Sessions);

/// <summary>
/// The table of beats: each silo counts up a row of its own twice a second, and reads in the same statement who is a member and how
/// far the others have counted.
/// </summary>
/// <remarks>For one thread. It opens its connection when it needs one, and another after <see cref="Disconnect"/>.</remarks>
public sealed class PostgresBeats(PostgresDatabase database, ClusterClock clock, string cluster, SiloAddress self) : IDisposable
{
    /// <summary>
    /// Seconds for the server to end the sessions of the dead. A silo's next beat waits for it, so it is shorter than what a read
    /// lease lasts.
    /// </summary>
    public const int EndSeconds = 1;

    /// <summary>A row this old is of a silo that nobody misses any more, and is deleted.</summary>
    private const string Forgotten = "1 day";

    /// <summary>The sessions of a dead silo are looked for as long as its last beat is not older than this.</summary>
    private const string Recent = "10 minutes";

    /// <summary>One statement: what a silo concludes about itself comes from the same look at the database that left its beat.</summary>
    private const string LeaveBeat =
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
    /// A role may end its own sessions only; the silos of a cluster have one role, as a rule. A session that waits for the standby is
    /// left alone: its commit is whole, and ending the wait would show it to others before the standby has it.
    /// </summary>
    private const string EndSessionsOf =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        + "WHERE application_name = ANY ($1) AND usename = session_user AND wait_event IS DISTINCT FROM 'SyncRep'";

    private NpgsqlConnection? _connection;

    private NpgsqlConnection Connection => _connection ??= database.Beats.OpenConnection();

    /// <summary>Leaves this silo's beat, and sets the cluster's clock by the database's.</summary>
    /// <returns>Every silo of the membership; also those that are dead, for a day.</returns>
    public IReadOnlyList<MemberBeat> Leave()
    {
        if (!clock.IsShared) ReadTime();
        using var command = new NpgsqlCommand(LeaveBeat, Connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = cluster },
                new NpgsqlParameter<string> { TypedValue = $"{self.Endpoint.Address}:{self.Endpoint.Port}@{self.Generation}" },
                new NpgsqlParameter<string> { TypedValue = database.Sessions },
            },
        };
        command.Prepare();
        var asked = clock.GetTimestamp();
        using var reader = command.ExecuteReader();
        var silos = new List<MemberBeat>();
        while (reader.Read())
        {
            if (silos.Count == 0) clock.Follow(reader.GetFieldValue<DateTimeOffset>(6), asked);
            var silo = SiloAddress.New(IPAddress.Parse(reader.GetString(0)), reader.GetInt32(1), reader.GetInt32(2));
            silos.Add(new(silo, (SiloStatus)reader.GetInt32(3), reader.GetInt64(4), reader.GetString(5)));
        }

        return silos;
    }

    /// <summary>Ends database sessions by their names.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="PostgresException">The server refuses; the connection is still good.</exception>
    public long EndSessions(IEnumerable<string> names)
    {
        using var command = new NpgsqlCommand(EndSessionsOf, Connection)
        {
            CommandTimeout = EndSeconds,
            Parameters = { new NpgsqlParameter<string[]> { TypedValue = [.. names] } },
        };
        return command.ExecuteScalar() as long? ?? 0;
    }

    /// <summary>
    /// Something went wrong on the connection: the next beat opens another. What broke this one has broken those of Orleans' providers,
    /// too, and whoever declares a silo dead next should not have to wait until one of them fails.
    /// </summary>
    public void Disconnect()
    {
        Dispose();
        database.Providers.Clear();
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
    }

    /// <summary>A silo that is no member yet finds no rows with its beat, and is to know the time before it becomes one.</summary>
    private void ReadTime()
    {
        using var command = new NpgsqlCommand("SELECT clock_timestamp()", Connection);
        var asked = clock.GetTimestamp();
        using var reader = command.ExecuteReader();
        if (reader.Read()) clock.Follow(reader.GetFieldValue<DateTimeOffset>(0), asked);
    }
}
