using Npgsql;

namespace Holdfast.Journal.Postgres;

/// <summary>Asks the database, a bounded number of questions at a time: the rest of the connections are for writing.</summary>
internal sealed class PostgresReader(PostgresDatabase database) : IDisposable
{
    private const int MaxReaders = 8;

    private readonly SemaphoreSlim _readers = new(MaxReaders);

    public static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };

    public static JournalRow ToRow(NpgsqlDataReader row) => ToRow(row, 0);

    public static JournalRow ToRow(NpgsqlDataReader row, int at) =>
        new(row.GetInt64(at), row.GetInt64(at + 1), row.GetFieldValue<DateTimeOffset>(at + 2), row.GetFieldValue<byte[]>(at + 3));

    public void Dispose() => _readers.Dispose();

    /// <summary>Reads rows. A connection that broke while it lay in the pool costs a second try, not the caller's answer.</summary>
    public async Task<IReadOnlyList<T>> Read<T>(
        string sql, Func<NpgsqlDataReader, T> row, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        await _readers.WaitAsync(cancellationToken);
        try
        {
            try
            {
                return await ReadOnce(sql, row, parameters, cancellationToken);
            }
            catch (NpgsqlException stale) when (stale.IsTransient || stale is PostgresException { InvariantSeverity: not "ERROR" })
            {
                database.Journal.Clear();
                return await ReadOnce(sql, row, Array.ConvertAll(parameters, static parameter => parameter.Clone()), cancellationToken);
            }
        }
        catch (Exception failure) when (PostgresFailure.IsStoreFailure(failure) && !cancellationToken.IsCancellationRequested)
        {
            throw new JournalStoreException($"{database.Name} cannot be read: {failure.Message}", failure);
        }
        finally
        {
            _readers.Release();
        }
    }

    private async Task<IReadOnlyList<T>> ReadOnce<T>(
        string sql, Func<NpgsqlDataReader, T> row, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        await using var connection = await database.Journal.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken)) rows.Add(row(reader));
        return rows;
    }
}
