using Holdfast.Rig;
using Npgsql;

namespace Holdfast.Rings.Rig;

public sealed class PostgresDatabaseTests
{
    [PostgresFact]
    public async Task Each_is_a_fresh_one_and_is_dropped_with_whoever_is_connected()
    {
        await using var other = await PostgresDatabase.Create(TimeProvider.System);
        var database = await PostgresDatabase.Create(TimeProvider.System);
        await using var client = new NpgsqlConnection(database.ConnectionString);
        await client.OpenAsync();
        Assert.Equal(1L, await Count(other, database.Name));

        await database.DisposeAsync();

        Assert.Equal(0L, await Count(other, database.Name));
    }

    private static async Task<object?> Count(PostgresDatabase asked, string name)
    {
        await using var connection = new NpgsqlConnection(asked.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select count(*) from pg_database where datname = $1", connection) { Parameters = { new() { Value = name } } };
        return await command.ExecuteScalarAsync();
    }
}
