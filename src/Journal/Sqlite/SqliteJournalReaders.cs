using System.Collections.Concurrent;

namespace Holdfast.Journal.Sqlite;

/// <summary>
/// A few connections that only read. Each statement sees all that was committed before it began, and never waits for the writer.
/// </summary>
internal sealed class SqliteJournalReaders(string file) : IAsyncDisposable
{
    /// <summary>More would only compete for the same disk.</summary>
    private const int MaxConnections = 4;

    private readonly SemaphoreSlim free = new(MaxConnections);
    private readonly ConcurrentBag<SqliteDatabase> idle = [];

    /// <summary>SQLite blocks its thread, so the question is asked on a pool thread and never on a grain's scheduler.</summary>
    public async Task<T> Read<T>(Func<SqliteDatabase, T> question, CancellationToken cancellationToken)
    {
        await free.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Ask(question), cancellationToken);
        }
        finally
        {
            free.Release();
        }
    }

    /// <summary>Waits for the questions that are being answered.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i < MaxConnections; i++) await free.WaitAsync();
        while (idle.TryTake(out var database)) database.Dispose();
        free.Dispose();
    }

    private T Ask<T>(Func<SqliteDatabase, T> question)
    {
        if (!idle.TryTake(out var database)) database = OpenConnection();
        try
        {
            var answer = question(database);
            idle.Add(database);
            return answer;
        }
        catch (Exception e)
        {
            database.Dispose();
            if (e is SqliteFailure) throw Unreadable(e);
            throw;
        }
    }

    private SqliteDatabase OpenConnection()
    {
        try
        {
            return SqliteDatabase.OpenForReading(file);
        }
        catch (SqliteFailure failure)
        {
            throw Unreadable(failure);
        }
    }

    private JournalStoreException Unreadable(Exception e) => new($"{file} cannot be read: {e.Message}.", e);
}
