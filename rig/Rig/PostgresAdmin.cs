using Npgsql;

namespace Holdfast.Rig;

/// <summary>What a superuser does to a server, each on a connection of its own that leaves nothing in a pool.</summary>
internal static class PostgresAdmin
{
    /// <summary>Seconds for a connection; a server on this machine needs milliseconds.</summary>
    private const int ConnectSeconds = 5;

    public static async Task<bool> Answers(string server, CancellationToken cancellationToken)
    {
        try
        {
            await Execute(server, "select 1", cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    public static Task CreateDatabase(string server, string name, CancellationToken cancellationToken) =>
        Execute(server, $"create database {Quoted(name)} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'", cancellationToken);

    public static Task DropDatabase(string server, string name, CancellationToken cancellationToken) =>
        Execute(server, $"drop database if exists {Quoted(name)} with (force)", cancellationToken);

    public static async Task<int> DropAllConnections(string server, CancellationToken cancellationToken) =>
        (int)(long)(await Execute(
            server,
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
            cancellationToken))!;

    /// <summary>The first column of the first row; null when there is none.</summary>
    public static async Task<object?> Execute(string server, string sql, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(server) { Pooling = false, Timeout = ConnectSeconds };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
