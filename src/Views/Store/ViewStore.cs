using System.Data.Common;
using Holdfast.Journal;

namespace Holdfast.Views.Store;

/// <summary>
/// The database of the views, apart from the journal's tables: drop it, and nothing is lost but the time to make it again. Statements are
/// written once for both databases, in the words that they share: texts and whole numbers, times as Unix milliseconds.
/// </summary>
public abstract class ViewStore : IAsyncDisposable
{
    /// <summary>PostgreSQL's code.</summary>
    private const string UndefinedTable = "42P01";

    /// <summary>The type of a text that is compared byte by byte.</summary>
    public abstract string Text { get; }

    /// <summary>Which database, for messages.</summary>
    public abstract string Name { get; }

    protected abstract DbDataSource Source { get; }

    /// <summary>Makes what is missing. Safe when several processes start at once.</summary>
    /// <exception cref="JournalStoreException">It cannot be used.</exception>
    public abstract Task Initialize(CancellationToken cancellationToken);

    /// <summary>What an erasure needs so that the bytes are gone.</summary>
    /// <returns>False when somebody is in the way: to be tried again.</returns>
    /// <exception cref="JournalStoreException">It cannot be done.</exception>
    /// <param name="rewrite">Something was erased since the last time.</param>
    public virtual Task<bool> Scrub(bool rewrite, CancellationToken cancellationToken) => Task.FromResult(true);

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads rows.</summary>
    /// <exception cref="JournalStoreException">It cannot be read.</exception>
    public async Task<List<T>> Read<T>(ViewStatement question, Func<DbDataReader, T> row, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await Source.OpenConnectionAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = question.Sql;
            question.AddTo(command.Parameters, command.CreateParameter);
            await command.PrepareAsync(cancellationToken);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellationToken)) rows.Add(row(reader));
            return rows;
        }
        catch (DbException failure)
        {
            throw new JournalStoreException($"{Name} cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>Carries all of them out in one transaction, or none.</summary>
    /// <param name="guard">Carried out first: the others only count when it changes a row.</param>
    /// <returns>False when the guard found nothing to change.</returns>
    /// <exception cref="JournalStoreException">Nothing of it is stored, or all; the guard says which when it is tried again.</exception>
    public async Task<bool> Commit(ViewStatement guard, IReadOnlyList<ViewStatement> statements, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await Source.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var changed = connection.CanCreateBatch
                ? await CarryOutAtOnce(connection, transaction, guard, statements, cancellationToken)
                : await CarryOutOneByOne(connection, transaction, guard, statements, cancellationToken);
            if (changed) await transaction.CommitAsync(cancellationToken);
            return changed;
        }
        catch (DbException failure)
        {
            throw new JournalStoreException($"{Name} cannot be written: {failure.Message}", failure);
        }
    }

    /// <summary>A table that was asked for is not there: another generation has come in its place, or it was never made.</summary>
    internal static bool IsMissingTable(JournalStoreException failure) => failure.InnerException is DbException inner
        && (inner.SqlState == UndefinedTable || inner.Message.Contains("no such table", StringComparison.Ordinal));

    /// <summary>Carries out what defines tables.</summary>
    /// <exception cref="JournalStoreException">It cannot be done.</exception>
    public async Task Execute(string sql, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await Source.OpenConnectionAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (DbException failure)
        {
            throw new JournalStoreException($"{Name} cannot be changed: {failure.Message}", failure);
        }
    }

    private static async Task<bool> CarryOutAtOnce(
        DbConnection connection,
        DbTransaction transaction,
        ViewStatement guard,
        IReadOnlyList<ViewStatement> statements,
        CancellationToken cancellationToken)
    {
        await using var batch = connection.CreateBatch();
        batch.Transaction = transaction;
        batch.BatchCommands.Add(ToCommand(batch, guard));
        foreach (var statement in statements) batch.BatchCommands.Add(ToCommand(batch, statement));

        // A table that is not there yet cannot be planned for.
        if (statements.All(static statement => statement.Values.Length > 0)) await batch.PrepareAsync(cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return batch.BatchCommands[0].RecordsAffected == 1;
    }

    private static async Task<bool> CarryOutOneByOne(
        DbConnection connection,
        DbTransaction transaction,
        ViewStatement guard,
        IReadOnlyList<ViewStatement> statements,
        CancellationToken cancellationToken)
    {
        await using var commands = new PreparedCommands(connection, transaction);
        if (await commands.Run(guard, cancellationToken) != 1) return false;
        foreach (var statement in statements) await commands.Run(statement, cancellationToken);
        return true;
    }

    private static DbBatchCommand ToCommand(DbBatch batch, ViewStatement statement)
    {
        var command = batch.CreateBatchCommand();
        command.CommandText = statement.Sql;
        statement.AddTo(command.Parameters, command.CreateParameter);
        return command;
    }
}
