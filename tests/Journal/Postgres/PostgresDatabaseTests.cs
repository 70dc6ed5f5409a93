using Npgsql;
using PostgresDatabase = Holdfast.Journal.Postgres.PostgresDatabase;

namespace Holdfast.Tests.Journal.Postgres;

public sealed class PostgresDatabaseTests
{
    [Theory]
    [InlineData("Host=localhost", 10, 15)]
    [InlineData("Host=localhost;Timeout=7;CommandTimeout=8", 7, 8)]
    public async Task Limits_of_a_connection_hold_unless_the_connection_string_names_others(string connectionString, int connect, int command)
    {
        await using var database = new PostgresDatabase(connectionString);

        foreach (var pool in new[] { database.Journal, database.Providers })
        {
            var settings = new NpgsqlConnectionStringBuilder(pool.ConnectionString);
            Assert.Equal((connect, command), (settings.Timeout, settings.CommandTimeout));
        }
    }
}
