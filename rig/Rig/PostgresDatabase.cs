using Npgsql;

namespace Holdfast.Rig;

/// <summary>
/// A fresh database for what needs no more than that: on the server that <c>HOLDFAST_TEST_POSTGRES</c> names, or on one of our own
/// that all databases of this process share and that ends with it. Dropped when disposed, whoever is still connected.
/// </summary>
public sealed class PostgresDatabase : IAsyncDisposable
{
    /// <summary>The variable of the environment with the connection string of a given server, whose user may create databases.</summary>
    public const string GivenServer = "HOLDFAST_TEST_POSTGRES";

    private static readonly SemaphoreSlim s_starting = new(1);
    private static PostgresServer? s_shared;

    private readonly string _server;

    private PostgresDatabase(string server, string name)
    {
        _server = server;
        Name = name;
        ConnectionString = new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
    }

    /// <summary>Null when <see cref="Create"/> can work, else why it cannot.</summary>
    public static string? WhyUnavailable => Given is null && PostgresServer.WhyUnavailable is { } reason
        ? $"{reason}; and {GivenServer} names no server"
        : null;

    public string Name { get; }

    public string ConnectionString { get; }

    private static string? Given => Environment.GetEnvironmentVariable(GivenServer) is { Length: > 0 } given ? given : null;

    /// <exception cref="RigException">No server is given, and none can be started.</exception>
    /// <exception cref="NpgsqlException">The given server refuses.</exception>
    public static async Task<PostgresDatabase> Create(TimeProvider clock, CancellationToken cancellationToken = default)
    {
        var server = Given ?? await Shared(clock, cancellationToken);
        var database = new PostgresDatabase(server, $"holdfast_{Guid.NewGuid():n}");
        await PostgresAdmin.CreateDatabase(server, database.Name, cancellationToken);
        return database;
    }

    /// <summary>Runs a statement as a superuser; the first column of its first row, null when there is none.</summary>
    public Task<object?> Execute(string sql) => PostgresAdmin.Execute(ConnectionString, sql, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await PostgresAdmin.DropDatabase(_server, Name, CancellationToken.None);
        await using var pooled = new NpgsqlConnection(ConnectionString);
        NpgsqlConnection.ClearPool(pooled);
    }

    private static async Task<string> Shared(TimeProvider clock, CancellationToken cancellationToken)
    {
        await s_starting.WaitAsync(cancellationToken);
        try
        {
            s_shared ??= await PostgresServer.Start(clock, cancellationToken: cancellationToken);
            return s_shared.ConnectionString(PostgresServer.User);
        }
        finally
        {
            s_starting.Release();
        }
    }
}
