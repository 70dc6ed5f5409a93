using Npgsql;

namespace Holdfast.Lab.Races;

/// <summary>Statements with positional parameters, so that a strategy shows its SQL and little else.</summary>
internal static class Sql
{
    /// <returns>Rows that were changed.</returns>
    public static async Task<int> Execute(this NpgsqlConnection connection, string sql, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>The same in a transaction of its own.</summary>
    public static async Task<int> Execute(this NpgsqlDataSource source, string sql, params object[] values)
    {
        await using var connection = await source.OpenConnectionAsync();
        return await connection.Execute(sql, values);
    }

    /// <summary>The first column of the one row; the type's default when there is none.</summary>
    public static async Task<T?> Read<T>(this NpgsqlConnection connection, string sql, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? reader.GetFieldValue<T>(0) : default;
    }

    /// <summary>The same in a transaction of its own.</summary>
    public static async Task<T?> Read<T>(this NpgsqlDataSource source, string sql, params object[] values)
    {
        await using var connection = await source.OpenConnectionAsync();
        return await connection.Read<T>(sql, values);
    }

    /// <summary>The first two columns of the first row; null when there is none.</summary>
    public static async Task<(TFirst First, TSecond Second)?> ReadTwo<TFirst, TSecond>(
        this NpgsqlDataSource source, string sql, params object[] values)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var command = Command(connection, sql, values);
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? (reader.GetFieldValue<TFirst>(0), reader.GetFieldValue<TSecond>(1)) : null;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        return command;
    }
}
